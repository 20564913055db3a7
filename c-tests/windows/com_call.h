/*
 * One source, two fronts: compiled as C++ a method is called as a virtual function, as C
 * by its place in the table that the pointer leads to.
 */
#ifndef COM_CALL_H
#define COM_CALL_H

#ifdef __cplusplus
#define CALL(object, method, ...) (object)->method(__VA_ARGS__)
#define CALL_BARE(object, method) (object)->method()
#define COM_FRONT(name) name "-cpp"
#else
#define CALL(object, method, ...) (object)->lpVtbl->method(object, __VA_ARGS__)
#define CALL_BARE(object, method) (object)->lpVtbl->method(object)
#define COM_FRONT(name) name "-c"
#endif

#endif
