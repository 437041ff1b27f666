/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranking: how well a number per image, its hardness, tells wrong predictions from right ones. Larger is
 * harder; NaN is last. Images of equal hardness have no order among themselves: every figure is its mean over
 * all orders they could have, so that neither luck nor the order of the input is measured.
 *
 * Threads: works on its arguments only.
 */
#ifndef EVALUATE_RANKING_H
#define EVALUATE_RANKING_H

#include "base/error.h"

#include <stdint.h>

struct ranking {
    uint64_t images, wrong;
    /* Chance that a wrong prediction stands before a right one, a tie counting half (Mann-Whitney). NaN
     * without wrong ones, or without right ones. */
    double auroc;
    /* Sum over the places of the list, each end of a tie, of precision × gain in recall, without
     * interpolation (as in information retrieval); NaN without wrong ones. */
    double average_precision;
    /* Area under the risk-coverage curve, 0..1 (Geifman & El-Yaniv 2017): mean over k of the share of wrong
     * ones among the k least hard. Excess (Geifman, Uziel & El-Yaniv 2019): above that of a list with all
     * wrong ones first. Smaller is better; 0 without images. */
    double aurc, excess_aurc;
    /* Share of wrong ones in the first 5 % and 20 % of the list, rounded up to whole images. */
    double first_5, first_20;
};
MUST_CHECK bool evaluate_ranking(const double *hardness, const bool *is_wrong, uint64_t count,
                                 struct ranking *ret, struct error *err);

/* Indices in the order of the list: hardest first, ties by index, NaN last. `ret_order` has `count` places.
 */
MUST_CHECK bool evaluate_order(const double *hardness, uint64_t count, uint64_t *ret_order,
                               struct error *err);
/* Share of the list's images whose 64-bit perceptual hash differs by at most `bits` from that of one before
 * them; 0 for an empty list. Takes time by the square of `count`. */
double evaluate_repeated_share(const uint64_t *hashes, const uint64_t *list, uint64_t count, int bits);

#endif
