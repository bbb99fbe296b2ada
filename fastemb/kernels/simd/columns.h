/* Columns of rows: the floats k … k + floats, which one vector holds. `floats` is WIDTH, NARROW or, for what is left at
   the end of a row, any number below WIDTH. Where the functions are inlined, the first two are constants, and no
   question of width is asked at run time. */
#ifndef FASTEMB_COLUMNS_H
#define FASTEMB_COLUMNS_H

/* n floats, at most WIDTH, by a question at run time or, where n is a constant, by none */
INLINE Vector load_up_to(const float *p, ptrdiff_t n) { return n == WIDTH ? load(p) : load_first(p, n); }
INLINE void store_up_to(float *p, Vector v, ptrdiff_t n)
{
    if (n == WIDTH)
        store(p, v);
    else
        store_first(p, v, n);
}

INLINE Vector load_some(const float *p, ptrdiff_t floats)
{
    return floats == NARROW ? load_narrow(p) : load_up_to(p, floats);
}
INLINE void store_some(float *p, Vector v, ptrdiff_t floats)
{
    if (floats == NARROW)
        store_narrow(p, v);
    else
        store_up_to(p, v, floats);
}
INLINE Vector add_some(Vector a, Vector b, ptrdiff_t floats)
{
    return floats == NARROW ? add_narrow(a, b) : add(a, b);
}
INLINE Vector subtract_some(Vector a, Vector b, ptrdiff_t floats)
{
    return floats == NARROW ? subtract_narrow(a, b) : subtract(a, b);
}
INLINE Vector multiply_some(Vector a, Vector b, ptrdiff_t floats)
{
    return floats == NARROW ? multiply_narrow(a, b) : multiply(a, b);
}
INLINE Vector multiply_add_some(Vector a, Vector b, Vector c, ptrdiff_t floats)
{
    return floats == NARROW ? multiply_add_narrow(a, b, c) : multiply_add(a, b, c);
}

/* Call a function for each column of rows of d floats. */
#define FOR_COLUMNS(d, function, ...)                   \
    do {                                                \
        ptrdiff_t k = 0, end = (d);                     \
        for (; k + WIDTH <= end; k += WIDTH)            \
            function(k, WIDTH, __VA_ARGS__);            \
        if (end - k == NARROW)                          \
            function(k, NARROW, __VA_ARGS__);           \
        else if (k < end)                               \
            function(k, end - k, __VA_ARGS__);          \
    } while (0)

enum { TOGETHER = 8 }; /* vectors of a row, in as many registers */

/* function(k, count, tail, …): of the `count` vectors from column k on, and of the `tail` floats after them, less than a
   vector, until there are d. */
_Static_assert(TOGETHER == 8, "FOR_VECTORS ends with 8 vectors");
#define VECTORS(count, function, tail, ...)       \
    case count:                                   \
        function(k, count, tail, __VA_ARGS__);    \
        break;
/* Each number of vectors has its own code, since only arrays whose size the compiler knows stay in registers. */
#define SOME_VECTORS(left, function, tail, ...)                                                     \
    switch (left) {                                                                                 \
        VECTORS(0, function, tail, __VA_ARGS__) VECTORS(1, function, tail, __VA_ARGS__)             \
        VECTORS(2, function, tail, __VA_ARGS__) VECTORS(3, function, tail, __VA_ARGS__)             \
        VECTORS(4, function, tail, __VA_ARGS__) VECTORS(5, function, tail, __VA_ARGS__)             \
        VECTORS(6, function, tail, __VA_ARGS__) VECTORS(7, function, tail, __VA_ARGS__)             \
    }
#define FOR_VECTORS(d, function, ...)                                     \
    do {                                                                  \
        ptrdiff_t k = 0, end = (d);                                       \
        for (; end - k >= TOGETHER * WIDTH; k += TOGETHER * WIDTH)        \
            function(k, TOGETHER, 0, __VA_ARGS__);                        \
        if ((end - k) % WIDTH == NARROW)                                   \
            SOME_VECTORS((end - k) / WIDTH, function, NARROW, __VA_ARGS__) \
        else if (k < end)                                                 \
            SOME_VECTORS((end - k) / WIDTH, function, (end - k) % WIDTH, __VA_ARGS__) \
    } while (0)

#endif
