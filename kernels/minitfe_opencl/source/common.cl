// What all sources share. The host puts its definitions before this: the element types, and the width of vectors.

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#ifdef cl_khr_fp16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif

// Pastes names together after macros in them were replaced: VECTOR(float, 16) is float16.
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define VECTOR(type, lanes) PASTE(type, lanes)
#define CONVERT(type, lanes) PASTE(convert_, VECTOR(type, lanes))

// How many work-items there may be too many: the host rounds their number up to whole groups.
#define ITEM get_global_id(0)

// A condition that hardly ever holds: what then happens may be slow, if only the rest is fast.
#ifdef __clang__
#define RARELY(condition) __builtin_expect(condition, 0)
#else
#define RARELY(condition) (condition)
#endif
