/* An instruction of the extension Zicsr, for assemblers that are told of an ISA
 * without it. */

#ifndef QUELL_ZICSR_H
#define QUELL_ZICSR_H

#define ZICSR(instruction)                                                                     \
    ".option push\n\t.option arch, +zicsr\n\t" instruction "\n\t.option pop"

#endif
