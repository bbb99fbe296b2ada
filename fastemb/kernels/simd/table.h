/* All that is compiled for an instruction set, whose header is included before this. */
#ifndef FASTEMB_TABLE_H
#define FASTEMB_TABLE_H

#include "deltas.h"
#include "glove.h"
#include "infer.h"
#include "rows.h"
#include "step.h"
#include "weigh.h"
#include "windows.h"

/* The fields of a `Kernels` after its name. */
#define ALL_KERNELS                                                        \
    train, infer, dot_pairs, train_softmax, weigh, label, logistic, softmax, \
    exponentials,                                                          \
    sum_rows, add_to_rows, sum_weighted, add_weighted,                     \
    take_deltas, add_delta, merge, train_cells,                            \
    sum_windows, add_to_windows

#endif
