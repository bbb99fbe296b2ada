/* All that is compiled for an instruction set, whose header is included before this. */
#ifndef FASTEMB_TABLE_H
#define FASTEMB_TABLE_H

#include "glove.h"
#include "rows.h"
#include "step.h"

/* The fields of a `Kernels` after its name. */
#define ALL_KERNELS train, logistic, sum_rows, add_to_rows, sum_weighted, add_weighted, train_cells

#endif
