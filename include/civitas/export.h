/* export.h - what every public header needs: visibility, C++ linkage, compiler hints. */
#ifndef CIVITAS_EXPORT_H
#define CIVITAS_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CIV_VISIBLE           __attribute__((visibility("default")))
#define CIV_MUST_CHECK        __attribute__((warn_unused_result))
#define CIV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define CIV_LIKELY(x)         __builtin_expect(!!(x), 1)
#define CIV_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#else
#define CIV_VISIBLE
#define CIV_MUST_CHECK
#define CIV_PRINTF(fmt, args)
#define CIV_LIKELY(x)   (x)
#define CIV_UNLIKELY(x) (x)
#endif

#ifdef __cplusplus
#define CIV_BEGIN_DECLS extern "C" {
#define CIV_END_DECLS   }
#else
#define CIV_BEGIN_DECLS
#define CIV_END_DECLS
#endif

#define CIV_API CIV_VISIBLE

#endif
