/* X += G·O and O += Gᵀ·X, with both as they were, or `in_turn`, column by column. */
#ifndef FASTEMB_UPDATE_H
#define FASTEMB_UPDATE_H

#include "columns.h"
#include "kernels.h"
#include "prefetch.h"

/* For the outputs j … j + count: D = G·O and O += Gᵀ·X. The first tile of outputs begins D, and prefetches rows of
   the next step, a few with each input, so that never many prefetches are under way at once. The last tile adds D to X.
   `plain`: this tile is all outputs, and D is neither scaled nor takes the place of X. `in_turn`: each input meets O as
   those before it left it. */
INLINE void update_tile(const Step *s, int plain, int in_turn, int count, ptrdiff_t j, ptrdiff_t k, ptrdiff_t floats)
{
    Vector output[UPDATE_ROWS], updated[UPDATE_ROWS];
    float *const *inputs = s->inputs, *const *outputs = s->outputs + j;
    float *const *ahead = s->ahead, *const *ahead_end = j || k % LINE ? ahead : ahead + s->coming;
    const float *g = s->gradient + j, *scales = s->scales;
    float *saved = s->change;
    const ptrdiff_t n = s->n, columns = s->columns, each = n ? (ahead_end - ahead) / n : 0;
    const int last = j + count == s->m, replace = s->replace;
    const ptrdiff_t kept = floats == NARROW ? NARROW : WIDTH;
    for (int c = 0; c < count; c++)
        output[c] = updated[c] = load_some(outputs[c] + k, floats);
    for (ptrdiff_t i = 0; i < n; i++, g += columns, saved += LANES) {
        float *row = inputs[i] + k;
        Vector input = load_some(row, floats);
        Vector change = plain ? input : j ? load_some(saved, kept) : all(0);
        for (ptrdiff_t a = 0; a < each; a++)
            prefetch(*ahead++ + k, s->far);
        for (int c = 0; c < count; c++) {
            Vector weight = all(g[c]);
            change = multiply_add_some(weight, in_turn ? updated[c] : output[c], change, floats);
            updated[c] = multiply_add_some(weight, input, updated[c], floats);
        }
        if (plain)
            store_some(row, change, floats);
        else if (last) {
            if (scales)
                change = multiply_some(change, all(scales[i]), floats);
            store_some(row, replace ? change : add_some(input, change, floats), floats);
        } else
            store_some(saved, change, kept);
    }
    for (; ahead < ahead_end; ahead++)
        prefetch(*ahead + k, s->far);
    for (int c = 0; c < count; c++)
        store_some(outputs[c] + k, updated[c], floats);
}

_Static_assert(UPDATE_ROWS <= 14, "update_some ends with 14 rows");
#define TILE(count)                                              \
    case count:                                                  \
        if (count <= UPDATE_ROWS)                                \
            update_tile(s, plain, in_turn, count, j, k, floats); \
        break;

/* Each number of outputs has its own code, since only arrays whose size the compiler knows stay in registers. */
INLINE void update_some(const Step *s, int plain, int in_turn, ptrdiff_t count, ptrdiff_t j, ptrdiff_t k,
                        ptrdiff_t floats)
{
    switch (count) {
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7)
        TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
    }
}

/* In tiles of at most UPDATE_ROWS outputs, about as large as each other at the end */
INLINE void update_column(ptrdiff_t k, ptrdiff_t floats, const Step *s, int in_turn)
{
    const ptrdiff_t m = s->m;
    ptrdiff_t j = 0;
    if (m <= UPDATE_ROWS && !s->scales && !s->replace) {
        update_some(s, 1, in_turn, m, j, k, floats);
        return;
    }
    while (j < m) {
        ptrdiff_t left = m - j;
        ptrdiff_t count = left <= UPDATE_ROWS ? left : left < 2 * UPDATE_ROWS ? left / 2 : UPDATE_ROWS;
        update_some(s, 0, in_turn, count, j, k, floats);
        j += count;
    }
}

static void update(const Step *s)
{
    if (s->in_turn)
        FOR_COLUMNS(s->d, update_column, s, 1);
    else
        FOR_COLUMNS(s->d, update_column, s, 0);
}

#endif
