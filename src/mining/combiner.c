/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/combiner.h"

#include "evaluate/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 100, UNKNOWNS = COMBINER_INPUTS + 1 };
static const double step_least = 1e-9, bias_penalty = 1e-6, deviation_least = 1e-6, fixed_least = 1e-3;

static double sigmoid(double z)
{
    return 1 / (1 + exp(-z));
}

/* ---- inputs ---- */

static double odds_of(const struct combiner *combiner, uint32_t predicted)
{
    return combiner->class_odds[predicted < combiner->classes ? predicted : combiner->classes];
}

static void inputs_of(const struct combiner *combiner, const struct signals *signals,
                      double ret[COMBINER_INPUTS])
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        ret[i] = (double)signals->values[i];
    ret[SIGNAL_COUNT] = odds_of(combiner, signals->predicted);
    for (int i = 0; i < COMBINER_INPUTS; i++)
        ret[i] = (ret[i] - combiner->means[i]) / combiner->deviations[i];
}

/* The rows to learn from: all but those of one fold (COMBINER_FOLDS: all). Every fold gets its share of the
 * wrong ones, as `order` has these first. */
struct lesson {
    const struct combiner_row *rows;
    const uint32_t *order;
    uint32_t count;
    uint32_t left_out;
};

static const struct combiner_row *row_at(const struct lesson *lesson, uint32_t i)
{
    return &lesson->rows[lesson->order[i]];
}

static bool is_heard(const struct lesson *lesson, uint32_t i)
{
    return i % COMBINER_FOLDS != lesson->left_out;
}

/* How often each class was wrong, as log odds, shrunk to the rate of all. */
static bool learn_classes(const struct lesson *lesson, struct combiner *combiner, struct error *err)
{
    double heard = 0, wrong = 0;
    double *carriers = calloc((size_t)combiner->classes + 1, sizeof(*carriers));
    if (!carriers)
        return error_no_memory(err);
    memset(combiner->class_odds, 0, ((size_t)combiner->classes + 1) * sizeof(double));
    for (uint32_t i = 0; i < lesson->count; i++) {
        const struct combiner_row *row = row_at(lesson, i);
        uint32_t class =
            row->signals.predicted < combiner->classes ? row->signals.predicted : combiner->classes;
        if (!is_heard(lesson, i))
            continue;
        heard++;
        wrong += row->is_wrong;
        carriers[class]++;
        combiner->class_odds[class] += row->is_wrong;
    }
    double rate = (wrong + 1) / (heard + 2);
    for (uint32_t class = 0; class <= combiner->classes; class ++) {
        double share = (combiner->class_odds[class] + COMBINER_CLASS_WEIGHT * rate) /
                       (carriers[class] + COMBINER_CLASS_WEIGHT);
        combiner->class_odds[class] = log(share / (1 - share));
    }
    free(carriers);
    return true;
}

static void learn_scale(const struct lesson *lesson, struct combiner *combiner)
{
    double sums[COMBINER_INPUTS] = {0}, squares[COMBINER_INPUTS] = {0}, heard = 0, inputs[COMBINER_INPUTS];
    for (int i = 0; i < COMBINER_INPUTS; i++) {
        combiner->means[i] = 0;
        combiner->deviations[i] = 1;
    }
    for (uint32_t i = 0; i < lesson->count; i++) {
        if (!is_heard(lesson, i))
            continue;
        inputs_of(combiner, &row_at(lesson, i)->signals, inputs);
        heard++;
        for (int k = 0; k < COMBINER_INPUTS; k++) {
            sums[k] += inputs[k];
            squares[k] += inputs[k] * inputs[k];
        }
    }
    for (int i = 0; i < COMBINER_INPUTS; i++) {
        combiner->means[i] = sums[i] / heard;
        double variance = squares[i] / heard - combiner->means[i] * combiner->means[i];
        combiner->deviations[i] = variance > 0 ? sqrt(variance) : 0;
        /* A signal that never moves says nothing, whatever it may do later. */
        if (combiner->deviations[i] < deviation_least)
            combiner->deviations[i] = (double)INFINITY;
    }
}

/* ---- Newton's method ---- */

/* Gradient and Hessian of the penalized negative log likelihood; the bias comes last. */
struct slope {
    double gradient[UNKNOWNS], hessian[UNKNOWNS][UNKNOWNS];
};

static void add_row(const double inputs[COMBINER_INPUTS], double probability, bool is_wrong,
                    struct slope *slope)
{
    double all[UNKNOWNS], weight = probability * (1 - probability);
    memcpy(all, inputs, COMBINER_INPUTS * sizeof(double));
    all[COMBINER_INPUTS] = 1;
    for (int i = 0; i < UNKNOWNS; i++) {
        slope->gradient[i] += (probability - is_wrong) * all[i];
        for (int k = 0; k <= i; k++)
            slope->hessian[i][k] += weight * all[i] * all[k];
    }
}

static double score(const struct combiner *combiner, const double inputs[COMBINER_INPUTS])
{
    double z = combiner->bias;
    for (int i = 0; i < COMBINER_INPUTS; i++)
        z += combiner->slopes[i] * inputs[i];
    return z;
}

static struct slope slope_at(const struct lesson *lesson, const struct combiner *combiner)
{
    struct slope slope = {0};
    double inputs[COMBINER_INPUTS];
    for (uint32_t i = 0; i < lesson->count; i++) {
        const struct combiner_row *row = row_at(lesson, i);
        if (!is_heard(lesson, i))
            continue;
        inputs_of(combiner, &row->signals, inputs);
        add_row(inputs, sigmoid(score(combiner, inputs)), row->is_wrong, &slope);
    }
    for (int i = 0; i < COMBINER_INPUTS; i++) {
        slope.gradient[i] += COMBINER_PENALTY * combiner->slopes[i];
        slope.hessian[i][i] += COMBINER_PENALTY;
    }
    slope.hessian[COMBINER_INPUTS][COMBINER_INPUTS] += bias_penalty;
    return slope;
}

/* A slope of 0 that would go below stays. */
static bool is_held(const struct combiner *combiner, const struct slope *slope, int i)
{
    return i < COMBINER_INPUTS && combiner->slopes[i] <= 0 && slope->gradient[i] > 0;
}

/* Those held have no part in the others. */
static void hold(const struct combiner *combiner, struct slope *slope)
{
    for (int i = 0; i < UNKNOWNS; i++) {
        bool is_out = is_held(combiner, slope, i);
        for (int k = 0; k < i; k++)
            if (is_out || is_held(combiner, slope, k))
                slope->hessian[i][k] = 0;
        if (is_out)
            slope->hessian[i][i] = 1;
    }
    for (int i = 0; i < UNKNOWNS; i++)
        if (is_held(combiner, slope, i))
            slope->gradient[i] = 0;
}

/* Cholesky's factor, in place, of a positive definite matrix of which the lower half is given. */
static void factor(double low[UNKNOWNS][UNKNOWNS])
{
    for (int i = 0; i < UNKNOWNS; i++)
        for (int k = 0; k <= i; k++) {
            for (int j = 0; j < k; j++)
                low[i][k] -= low[i][j] * low[k][j];
            low[i][k] = k < i ? low[i][k] / low[k][k] : sqrt(low[i][i]);
        }
}

/* By substitution: forward with the factor, backward with its transpose. */
static void solve_factored(double low[UNKNOWNS][UNKNOWNS], double step[UNKNOWNS])
{
    for (int i = 0; i < UNKNOWNS; i++) {
        for (int k = 0; k < i; k++)
            step[i] -= low[i][k] * step[k];
        step[i] /= low[i][i];
    }
    for (int i = UNKNOWNS - 1; i >= 0; i--) {
        for (int k = i + 1; k < UNKNOWNS; k++)
            step[i] -= low[k][i] * step[k];
        step[i] /= low[i][i];
    }
}

/* Solves hessian × step = gradient; the step of a slope that is held is 0. */
static void solve(const struct combiner *combiner, struct slope *slope, double step[UNKNOWNS])
{
    hold(combiner, slope);
    factor(slope->hessian);
    memcpy(step, slope->gradient, sizeof(slope->gradient));
    solve_factored(slope->hessian, step);
}

static void descend(const struct lesson *lesson, struct combiner *combiner)
{
    memset(combiner->slopes, 0, sizeof(combiner->slopes));
    combiner->bias = 0;
    for (int round = 0; round < STEPS_MAX; round++) {
        double step[UNKNOWNS], longest = 0;
        struct slope slope = slope_at(lesson, combiner);
        solve(combiner, &slope, step);
        for (int i = 0; i < COMBINER_INPUTS; i++) {
            double next = fmax(combiner->slopes[i] - step[i], 0);
            longest = fmax(longest, fabs(next - combiner->slopes[i]));
            combiner->slopes[i] = next;
        }
        combiner->bias -= step[COMBINER_INPUTS];
        if (fmax(longest, fabs(step[COMBINER_INPUTS])) < step_least)
            return;
    }
}

/* ---- beside the fixed coefficient ---- */

static double fixed_odds(double fixed)
{
    fixed = fmin(fmax(fixed, fixed_least), 1 - fixed_least);
    return log(fixed / (1 - fixed));
}

static double on_line(const struct combiner_line *line, double odds)
{
    return line->bias + line->slope * odds;
}

static double mean_odds(const struct combiner *combiner, const struct signals *signals, double fixed)
{
    double inputs[COMBINER_INPUTS], weight = combiner->fixed_weight;
    inputs_of(combiner, signals, inputs);
    return (score(combiner, inputs) + weight * on_line(&combiner->of_fixed, fixed_odds(fixed))) /
           (1 + weight);
}

/* One step of Newton's method; how far it went. */
static double step_line(const struct lesson *lesson, const double *odds, struct combiner_line *line)
{
    double slope = COMBINER_PENALTY * line->slope, slopes = COMBINER_PENALTY, both = 0, bias = 0,
           biases = bias_penalty;
    for (uint32_t i = 0; i < lesson->count; i++) {
        if (!is_heard(lesson, i))
            continue;
        double probability = sigmoid(on_line(line, odds[i])), weight = probability * (1 - probability);
        double excess = probability - row_at(lesson, i)->is_wrong;
        slope += excess * odds[i];
        bias += excess;
        slopes += weight * odds[i] * odds[i];
        both += weight * odds[i];
        biases += weight;
    }
    double turn = (biases * slope - both * bias) / (slopes * biases - both * both);
    turn = fmin(turn, line->slope); /* not below 0 */
    double shift = (bias - both * turn) / biases;
    line->slope -= turn;
    line->bias -= shift;
    return fmax(fabs(turn), fabs(shift));
}

static struct combiner_line fit_line(const struct lesson *lesson, const double *odds)
{
    struct combiner_line line = {0};
    for (int round = 0; round < STEPS_MAX && step_line(lesson, odds, &line) >= step_least; round++)
        ;
    return line;
}

static bool learn_lines(const struct lesson *lesson, struct combiner *combiner, struct error *err)
{
    double held_out = 0, of_stream = 0, *odds = calloc((size_t)lesson->count + 1, sizeof(*odds));
    if (!odds)
        return error_no_memory(err);
    for (uint32_t i = 0; i < lesson->count; i++) {
        odds[i] = fixed_odds(row_at(lesson, i)->fixed);
        held_out += !row_at(lesson, i)->is_of_stream;
        of_stream += row_at(lesson, i)->is_of_stream;
    }
    combiner->fixed_weight = held_out / (held_out + COMBINER_STREAM_WEIGHT * of_stream);
    combiner->of_fixed = fit_line(lesson, odds);
    for (uint32_t i = 0; i < lesson->count; i++)
        odds[i] = mean_odds(combiner, &row_at(lesson, i)->signals, row_at(lesson, i)->fixed);
    combiner->of_mean = fit_line(lesson, odds);
    free(odds);
    return true;
}

static bool learn(const struct lesson *lesson, struct combiner *combiner, struct error *err)
{
    if (!learn_classes(lesson, combiner, err))
        return false;
    learn_scale(lesson, combiner);
    descend(lesson, combiner);
    return learn_lines(lesson, combiner, err);
}

/* ---- folds ---- */

/* The rows of a fold, as evaluate/ranking.h takes them. */
struct fold {
    double *hardness;
    bool *is_wrong;
    uint64_t count;
};

static bool add_auroc(const struct fold *fold, double *sum, struct error *err)
{
    struct ranking ranking;
    if (!evaluate_ranking(fold->hardness, fold->is_wrong, fold->count, &ranking, err))
        return false;
    *sum += ranking.auroc / COMBINER_FOLDS;
    return true;
}

static bool check_fold(const struct lesson *lesson, struct combiner *combiner, struct fold *fold,
                       struct error *err)
{
    if (!learn(lesson, combiner, err))
        return false;
    fold->count = 0;
    for (uint32_t i = lesson->left_out; i < lesson->count; i += COMBINER_FOLDS) {
        const struct combiner_row *row = row_at(lesson, i);
        fold->hardness[fold->count] = combiner_probability(combiner, &row->signals, row->fixed);
        fold->is_wrong[fold->count++] = row->is_wrong;
    }
    if (!add_auroc(fold, &combiner->auroc_learned, err))
        return false;
    for (uint32_t i = 0; i < fold->count; i++)
        fold->hardness[i] = row_at(lesson, lesson->left_out + i * COMBINER_FOLDS)->fixed;
    return add_auroc(fold, &combiner->auroc_fixed, err);
}

static bool fit(struct lesson *lesson, struct combiner *combiner, struct error *err)
{
    size_t most = (size_t)lesson->count / COMBINER_FOLDS + 1;
    struct fold fold = {calloc(most, sizeof(double)), calloc(most, sizeof(bool)), 0};
    combiner->class_odds = calloc((size_t)combiner->classes + 1, sizeof(double));
    bool is_done = (fold.hardness && fold.is_wrong && combiner->class_odds) || error_no_memory(err);
    for (lesson->left_out = 0; is_done && lesson->left_out < COMBINER_FOLDS; lesson->left_out++)
        is_done = check_fold(lesson, combiner, &fold, err);
    free(fold.hardness);
    free(fold.is_wrong);
    return is_done && learn(lesson, combiner, err);
}

bool combiner_fit(const struct combiner_row *rows, uint32_t count, uint32_t classes, struct combiner *ret,
                  bool *ret_is_fitted, struct error *err)
{
    *ret = (struct combiner){.classes = classes, .rows = count};
    *ret_is_fitted = false;
    if (count > COMBINER_ROWS_MAX)
        return error_set(err, ERR_LIMIT, "at most %d labelled images can be learned from, not %u",
                         COMBINER_ROWS_MAX, count);
    for (uint32_t i = 0; i < count; i++)
        ret->wrong += rows[i].is_wrong;
    if (ret->wrong < COMBINER_WRONG_MIN || count - ret->wrong < COMBINER_WRONG_MIN)
        return true;
    uint32_t *order = calloc((size_t)count + 1, sizeof(*order));
    if (!order)
        return error_no_memory(err);
    uint32_t wrong_place = 0, right_place = ret->wrong;
    for (uint32_t i = 0; i < count; i++)
        order[rows[i].is_wrong ? wrong_place++ : right_place++] = i;
    struct lesson lesson = {.rows = rows, .order = order, .count = count};
    *ret_is_fitted = fit(&lesson, ret, err);
    free(order);
    return *ret_is_fitted;
}

double combiner_probability(const struct combiner *combiner, const struct signals *signals, double fixed)
{
    return sigmoid(on_line(&combiner->of_mean, mean_odds(combiner, signals, fixed)));
}

void combiner_release(struct combiner *combiner)
{
    free(combiner->class_odds);
    *combiner = (struct combiner){0};
}
