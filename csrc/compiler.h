/* Every question about the compiler is asked in this file, and nowhere else. */
#ifndef W2V_COMPILER_H
#define W2V_COMPILER_H

#if !defined(__GNUC__)
#error "fastw2v needs GCC or Clang: the kernels use their target pragmas and builtins"
#endif

#if defined(__x86_64__)
#define W2V_X86_64 1
#else
#define W2V_X86_64 0
#endif

#if defined(__aarch64__)
#define W2V_AARCH64 1
#else
#define W2V_AARCH64 0
#endif

/* Whether fmaf is an instruction wherever this file's code may run. */
#if defined(__FP_FAST_FMAF)
#define W2V_FAST_FMAF 1
#else
#define W2V_FAST_FMAF 0
#endif

/* A template is a FORCE_INLINE function with constant arguments; NO_INLINE stops the copies. */
#define FORCE_INLINE static inline __attribute__((always_inline))
#define NO_INLINE    static __attribute__((noinline))

/* Arrays of accumulators live in registers only if the loops over them disappear. */
#if defined(__clang__)
#define UNROLL   _Pragma("clang loop unroll(full)")
#define UNROLL_4 _Pragma("clang loop unroll_count(4)")
#else
#define UNROLL   _Pragma("GCC unroll 16")
#define UNROLL_4 _Pragma("GCC unroll 4")
#endif

/* Code between the two is compiled for more than the baseline; it is reached through a table
 * that dispatch.c hands out only where the processor and the system support it. */
#define W2V_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define W2V_TARGET_BEGIN(features)                                                                 \
    W2V_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define W2V_TARGET_END _Pragma("clang attribute pop")
#else
#define W2V_TARGET_BEGIN(features) _Pragma("GCC push_options") W2V_PRAGMA(GCC target(features))
#define W2V_TARGET_END             _Pragma("GCC pop_options")
#endif

/* tests/csrc/emulated spells the AVX-512 instructions out; then the compiler may not use them. */
#if defined(W2V_EMULATE_AVX512)
#define W2V_AVX512_BEGIN
#define W2V_AVX512_END
#else
#define W2V_AVX512_BEGIN W2V_TARGET_BEGIN("avx512f,avx512dq,avx2,fma,prfchw")
#define W2V_AVX512_END   W2V_TARGET_END
#endif

/* Lanes of two vectors, by number; those of the second follow those of the first. */
#if defined(__clang__)
#define W2V_SHUFFLE(order, a, b, ...) __builtin_shufflevector((a), (b), __VA_ARGS__)
#else
#define W2V_SHUFFLE(order, a, b, ...) __builtin_shuffle((a), (b), (order){__VA_ARGS__})
#endif

/* The compiler learns nothing more about an address or a vector and keeps it in its register, where
 * it would rather take a register for each distance from the address, or read the vector twice. */
#define W2V_KEEP_ADDRESS(p) __asm__("" : "+r"(p))
#if W2V_X86_64 && !defined(W2V_EMULATE_AVX512)
#define W2V_KEEP_VECTOR(v) __asm__("" : "+v"(v))
#elif W2V_AARCH64
#define W2V_KEEP_VECTOR(v) __asm__("" : "+w"(v))
#else
#define W2V_KEEP_VECTOR(v) (void)(v)
#endif

#define W2V_ALIGNED(n)  __attribute__((aligned(n)))
#define W2V_VECTOR(n)   __attribute__((vector_size(n)))
#define W2V_PREFETCH(p) __builtin_prefetch((p), 1, 3)

#define W2V_PREFETCH_READ(p)  __builtin_prefetch((p), 0, 3)
#define W2V_PREFETCH_LATER(p) __builtin_prefetch((p), 0, 2)

#define W2V_JOIN_(a, b) a##_##b
#define W2V_JOIN(a, b)  W2V_JOIN_(a, b)

#endif
