/* How arrays enter kernels. Cython asks each for its buffer by PyObject_GetBuffer, and takes one whose numbers stand at
   odd addresses: the behaviour of what reads them is undefined then. Here such an array is refused. */
#ifndef FASTEMB_BUFFERS_H
#define FASTEMB_BUFFERS_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN /* as Cython asks for it */
#endif
#include <Python.h>
#include <stdint.h>

/* As PyObject_GetBuffer; ValueError for numbers that do not begin at a multiple of their size. */
static inline int get_aligned_buffer(PyObject *object, Py_buffer *view, int flags)
{
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return -1;
    Py_ssize_t unit = view->itemsize & -view->itemsize; /* of a struct: what its fields divide */
    if (unit > 8)
        unit = 8;
    if (view->len > 0 && unit > 1 && (uintptr_t)view->buf % (uintptr_t)unit) {
        PyErr_Format(PyExc_ValueError,
                     "an array of numbers of %zd bytes begins at an address that is no multiple of %zd: give an aligned "
                     "copy of it, as numpy.require(array, requirements='A')",
                     view->itemsize, unit);
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}
#define PyObject_GetBuffer get_aligned_buffer

static inline int apart(const void *a, Py_ssize_t a_bytes, const void *b, Py_ssize_t b_bytes)
{
    return !a_bytes || !b_bytes || (uintptr_t)a + (size_t)a_bytes <= (uintptr_t)b ||
           (uintptr_t)b + (size_t)b_bytes <= (uintptr_t)a;
}

#endif
