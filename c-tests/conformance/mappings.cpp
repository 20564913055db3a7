// The same program as C++: the header's types and calls are those of C.
#include "mappings.c"
