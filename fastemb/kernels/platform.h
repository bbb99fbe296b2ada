/* The little that differs between operating systems: opening a library, atomic counters, time,
   memory, and where threads run. */
#ifndef FASTEMB_PLATFORM_H
#define FASTEMB_PLATFORM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <intrin.h>
#include <malloc.h>
#include <windows.h>

/* The path is UTF-8. */
static inline void *open_library(const char *path)
{
    wchar_t wide[32768]; /* no path is longer */
    return MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 32768) ? (void *)LoadLibraryW(wide) : NULL;
}
static inline void *find_symbol(void *library, const char *name) { return (void *)GetProcAddress((HMODULE)library, name); }
static inline const char *library_error(void) { return "LoadLibrary failed"; }

static inline int64_t fetch_add(volatile int64_t *counter, int64_t n) { return _InterlockedExchangeAdd64(counter, n); }
static inline int64_t load(volatile int64_t *counter) { return _InterlockedOr64(counter, 0); }
static inline void store(volatile int64_t *counter, int64_t n) { _InterlockedExchange64(counter, n); }

static inline void give_way(void) { SwitchToThread(); }
static inline int64_t nanoseconds(void) { return 1000000 * (int64_t)GetTickCount64(); } /* since some time */

static inline void *allocate_aligned(size_t bytes) { return _aligned_malloc(bytes, 64); }
static inline void free_aligned(void *memory) { _aligned_free(memory); }
#else
#include <dlfcn.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#if !defined(RTLD_DEEPBIND) || defined(FASTEMB_SANITIZE) /* AddressSanitizer cannot have it */
#undef RTLD_DEEPBIND /* glibc only: elsewhere a library sees its own symbols first anyway */
#define RTLD_DEEPBIND 0
#endif

/* Local, so that no library loaded later can bind to these symbols; deep-bound, so that
   the library's calls to itself cannot be captured by a BLAS loaded earlier. */
static inline void *open_library(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND); }
static inline void *find_symbol(void *library, const char *name) { return dlsym(library, name); }
static inline const char *library_error(void) { return dlerror(); }

static inline int64_t fetch_add(volatile int64_t *counter, int64_t n)
{
    return __atomic_fetch_add(counter, n, __ATOMIC_ACQ_REL);
}
static inline int64_t load(volatile int64_t *counter) { return __atomic_load_n(counter, __ATOMIC_ACQUIRE); }
static inline void store(volatile int64_t *counter, int64_t n) { __atomic_store_n(counter, n, __ATOMIC_RELEASE); }
static inline void give_way(void) { sched_yield(); }
static inline int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1000000000 * (int64_t)now.tv_sec + now.tv_nsec;
}

static inline void *allocate_aligned(size_t bytes)
{
    void *memory = NULL;
    return posix_memalign(&memory, 64, bytes ? bytes : 1) == 0 ? memory : NULL;
}
static inline void free_aligned(void *memory) { free(memory); }
#endif

#if defined(__linux__) && defined(CPU_COUNT)
static inline int is_taken(volatile int64_t *processors, int64_t n, int64_t own, int64_t processor)
{
    for (int64_t k = 0; k < n; k++)
        if (k != own && load(&processors[k]) == processor + 1)
            return 1;
    return 0;
}

/* Of n threads, thread `own` calls this: note the processor that it is on, and leave it for one that no other is on, if one
   is there. `processors`: n, one more than the number of each; at first all 0.

   Linux wakes threads where the one is that wakes them, in virtual machines even if other processors are idle, and leaves
   two of them there for tens of milliseconds. What they may run on stays as it was. */
static inline void keep_apart(volatile int64_t *processors, int64_t n, int64_t own)
{
    int64_t here = sched_getcpu();
    cpu_set_t allowed, one;
    store(&processors[own], here + 1);
    if (here < 0 || !is_taken(processors, n, own, here) || sched_getaffinity(0, sizeof allowed, &allowed))
        return;
    for (int64_t step = 1; step < CPU_SETSIZE; step++) {
        int64_t there = (here + step) % CPU_SETSIZE;
        if (!CPU_ISSET((size_t)there, &allowed) || is_taken(processors, n, own, there))
            continue;
        CPU_ZERO(&one);
        CPU_SET((size_t)there, &one);
        if (!sched_setaffinity(0, sizeof one, &one))
            store(&processors[own], there + 1);
        sched_setaffinity(0, sizeof allowed, &allowed);
        return;
    }
}
#else
static inline void keep_apart(volatile int64_t *processors, int64_t n, int64_t own) { (void)processors, (void)n, (void)own; }
#endif

/* Pages of zeros straight from the system, which has them back at once when they are freed. Large tables that come and go
   would leave holes in malloc()'s memory. */
#if defined(_WIN32) || defined(FASTEMB_SANITIZE) /* AddressSanitizer sees more in malloc()'s memory */
static inline void *allocate_pages(size_t bytes) { return calloc(bytes, 1); }
static inline void free_pages(void *memory, size_t bytes)
{
    (void)bytes;
    free(memory);
}
#else
static inline void *allocate_pages(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
static inline void free_pages(void *memory, size_t bytes)
{
    if (memory != NULL)
        munmap(memory, bytes);
}
#endif
/* As allocate_pages, for a table whose every part will be used: in large pages, where the system has them. Each page is
   written to at once: if it were read first, it would be the one page of zeros that all share, and its first write would
   interrupt every processor that runs this process. */
static inline void *allocate_table(size_t bytes)
{
    volatile unsigned char *memory = allocate_pages(bytes);
    size_t k;
    if (memory == NULL)
        return NULL;
#if defined(MADV_HUGEPAGE)
    if (bytes >= (size_t)1 << 22)
        (void)madvise((void *)memory, bytes, MADV_HUGEPAGE);
#endif
    for (k = 0; k < bytes; k += 4096)
        memory[k] = 0;
    return (void *)memory;
}

/* The bytes before, in more pages, where the first may be no longer; NULL if there are none, and then the first stand. */
static inline void *more_pages(void *memory, size_t before, size_t bytes)
{
#if defined(MREMAP_MAYMOVE) && !defined(FASTEMB_SANITIZE)
    void *more = mremap(memory, before, bytes, MREMAP_MAYMOVE);
    return more == MAP_FAILED ? NULL : more;
#else
    void *more = allocate_pages(bytes);
    if (more != NULL) {
        memcpy(more, memory, before);
        free_pages(memory, before);
    }
    return more;
#endif
}

#endif
