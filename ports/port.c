/* What says that libquell_port.a is a port of this version. */

#include <quell.h>

QUELL_PORT_1;
