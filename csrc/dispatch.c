/* Which kernels this build holds, and which of them this machine can run. */
#include "compiler.h"
#include "w2v.h"
#include <stddef.h>
#include <string.h>

extern const w2v_kernels w2v_kernels_scalar;
#if W2V_X86_64
extern const w2v_kernels w2v_kernels_avx2, w2v_kernels_avx512;
#endif
#if W2V_AARCH64
extern const w2v_kernels w2v_kernels_neon;
#endif

static const w2v_kernels *const built[] = {
#if W2V_X86_64
    &w2v_kernels_avx512,
    &w2v_kernels_avx2,
#endif
#if W2V_AARCH64
    &w2v_kernels_neon,
#endif
    &w2v_kernels_scalar,
};

const w2v_kernels *w2v_kernels_built(int32_t index) {
    const int32_t n_built = (int32_t)(sizeof built / sizeof *built);
    return index >= 0 && index < n_built ? built[index] : NULL;
}

int32_t w2v_kernels_usable(const w2v_kernels *kernels) {
#if W2V_X86_64
    /* The builtin asks the system too: does it save the wide registers? */
    if (!strcmp(kernels->isa, "avx512")) {
#if defined(W2V_EMULATE_AVX512)
        return 1;
#else
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    }
    if (!strcmp(kernels->isa, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    (void)kernels;
    return 1;
}
