/* SPDX-License-Identifier: Apache-2.0 */
#include "image/kernels.h"

const struct image_kernels *const image_kernel_sets[] = {
#ifdef IMAGE_HAS_AVX2_KERNELS
    &image_kernels_avx2,
#endif
    &image_kernels_plain,
    NULL,
};

const struct image_kernels *image_kernels_choose(void)
{
    for (const struct image_kernels *const *set = image_kernel_sets; *set; set++) {
        if ((*set)->is_supported())
            return *set;
    }
    return &image_kernels_plain;
}
