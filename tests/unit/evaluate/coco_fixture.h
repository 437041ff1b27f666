/* SPDX-License-Identifier: Apache-2.0 */
/* Images with true and predicted boxes, and the reference's answer on them. Include after test.h. */
#ifndef TESTS_COCO_FIXTURE_H
#define TESTS_COCO_FIXTURE_H

#include "evaluate/evaluate.h"
#include "temp_folder.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    COCO_FIXTURE_IMAGES = 64,
    COCO_FIXTURE_BOXES = 400,
    COCO_FIXTURE_NUMBERS = 12,
    COCO_FIXTURE_CLASSES = 80,
    COCO_FIXTURE_MISSING = 77
};

struct coco_fixture {
    struct evaluate_image images[COCO_FIXTURE_IMAGES];
    struct true_box truths[COCO_FIXTURE_IMAGES][COCO_FIXTURE_BOXES];
    struct candidate boxes[COCO_FIXTURE_IMAGES][COCO_FIXTURE_BOXES];
    size_t image_count;
    uint32_t classes;
};

__attribute__((unused)) static void coco_fixture_add_truth(struct coco_fixture *fixture, size_t image,
                                                           struct true_box truth)
{
    struct evaluate_image *to = &fixture->images[image];
    assert_true(to->truth_count < COCO_FIXTURE_BOXES);
    to->truths = fixture->truths[image];
    fixture->truths[image][to->truth_count++] = truth;
}

__attribute__((unused)) static void coco_fixture_add_box(struct coco_fixture *fixture, size_t image,
                                                         struct candidate box)
{
    struct evaluate_image *to = &fixture->images[image];
    assert_true(to->box_count < COCO_FIXTURE_BOXES);
    to->boxes = fixture->boxes[image];
    fixture->boxes[image][to->box_count++] = box;
}

static void coco_fixture_write(const struct coco_fixture *fixture, const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "classes %u\n", fixture->classes);
    for (size_t i = 0; i < fixture->image_count; i++) {
        for (size_t k = 0; k < fixture->images[i].truth_count; k++) {
            const struct true_box *truth = &fixture->truths[i][k];
            (void)fprintf(file, "T %zu %.9g %.9g %.9g %.9g %u %d %.17g\n", i, (double)truth->box.x_min,
                          (double)truth->box.y_min, (double)truth->box.x_max, (double)truth->box.y_max,
                          truth->label, truth->is_crowd, truth->area);
        }
        for (size_t k = 0; k < fixture->images[i].box_count; k++) {
            const struct candidate *box = &fixture->boxes[i][k];
            (void)fprintf(file, "B %zu %.9g %.9g %.9g %.9g %u %.9g\n", i, (double)box->box.x_min,
                          (double)box->box.y_min, (double)box->box.x_max, (double)box->box.y_max, box->label,
                          (double)box->score);
        }
    }
    assert_int_equal(fclose(file), 0);
}

/* Skips the test where there is no Python with numpy. */
static void coco_fixture_run(char *in_path, const char *out_path)
{
    char script[] = REFERENCE_FOLDER "/coco_reference.py", python[] = PYTHON;
    char *const argv[] = {python, script, in_path, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = 0;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path, O_WRONLY | O_CREAT, 0600), 0);
    int problem = posix_spawnp(&child, python, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (problem == 0)
        assert_int_equal(waitpid(child, &status, 0), child);
    if (problem != 0 || (WIFEXITED(status) && WEXITSTATUS(status) == COCO_FIXTURE_MISSING)) {
        print_message("# skipped: no Python with numpy\n");
        skip();
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The reference's twelve numbers, then the AP of each class. */
__attribute__((unused)) static void
coco_fixture_ask_reference(const struct coco_fixture *fixture,
                           double ret[COCO_FIXTURE_NUMBERS + COCO_FIXTURE_CLASSES])
{
    char folder[TEMP_PATH_BYTES], in_path[TEMP_PATH_BYTES + 8], out_path[TEMP_PATH_BYTES + 8];
    temp_folder_make(folder);
    (void)snprintf(in_path, sizeof(in_path), "%s/in", folder);
    (void)snprintf(out_path, sizeof(out_path), "%s/out", folder);
    coco_fixture_write(fixture, in_path);
    coco_fixture_run(in_path, out_path);
    FILE *file = fopen(out_path, "r");
    char line[64];
    assert_non_null(file);
    for (uint32_t i = 0; i < COCO_FIXTURE_NUMBERS + fixture->classes; i++) {
        assert_non_null(fgets(line, sizeof(line), file));
        ret[i] = strtod(line, NULL);
    }
    (void)fclose(file);
    temp_folder_remove(folder);
}

__attribute__((unused)) static void coco_fixture_numbers(const struct coco_scores *scores,
                                                         double ret[COCO_FIXTURE_NUMBERS])
{
    const double numbers[COCO_FIXTURE_NUMBERS] = {
        scores->ap,   scores->ap50,  scores->ap75,   scores->ap_small, scores->ap_medium, scores->ap_large,
        scores->ar_1, scores->ar_10, scores->ar_100, scores->ar_small, scores->ar_medium, scores->ar_large};
    memcpy(ret, numbers, sizeof(numbers));
}

/* Ours against the reference, to `slack`; returns AP. */
__attribute__((unused)) static double coco_fixture_compare(const struct coco_fixture *fixture, double slack)
{
    double ours[COCO_FIXTURE_NUMBERS + COCO_FIXTURE_CLASSES],
        theirs[COCO_FIXTURE_NUMBERS + COCO_FIXTURE_CLASSES];
    struct coco_scores scores;
    struct error err = {0};
    if (!evaluate_coco(fixture->images, fixture->image_count, fixture->classes, &scores,
                       ours + COCO_FIXTURE_NUMBERS, &err))
        fail_msg("%s", err.message);
    coco_fixture_numbers(&scores, ours);
    coco_fixture_ask_reference(fixture, theirs);
    for (uint32_t i = 0; i < COCO_FIXTURE_NUMBERS + fixture->classes; i++)
        if (isnan(ours[i]) != isnan(theirs[i]) || fabs(ours[i] - theirs[i]) > slack)
            fail_msg("number %u is %.9f, the reference says %.9f", i, ours[i], theirs[i]);
    return scores.ap;
}

#endif
