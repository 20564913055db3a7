/* What is counted beside the library's functions: the polls that the header
 * inlines, a bare flag, and the floor of every decision: the least that can set
 * one bit of a word, unless another one is set (0 where it did), with the order
 * that a commit point needs. By hand, for a compiler has its own ways. */

#include "count.h"

uint32_t measured_flag(const uint32_t *flag) { return __atomic_load_n(flag, __ATOMIC_RELAXED); }

quell_level_t measured_op_poll(const quell_op_t *op) { return quell_op_poll(op); }

quell_level_t measured_worker_poll(const quell_worker_t *worker) {
    return quell_worker_poll(worker);
}

#if defined(__ARM_ARCH)
#define THUMB ".syntax unified\n\t.thumb_func\n\t"
#else
#define THUMB
#endif

/* measured_floor(word, unless, set), in r0 to r2 or a0 to a2. */
#define FLOOR(instructions)                                                                    \
    __asm__(".text\n\t.balign 4\n\t.globl measured_floor\n\t" THUMB                            \
            ".type measured_floor, %function\nmeasured_floor:\n\t" instructions                \
            "\n\t.size measured_floor, . - measured_floor")

#if defined(__ARM_ARCH_6M__)
FLOOR("mrs ip, primask\n\t"
      "cpsid i\n\t"
      "ldr r3, [r0]\n\t"
      "tst r3, r1\n\t"
      "bne 1f\n\t"
      "orrs r3, r2\n\t"
      "str r3, [r0]\n\t"
      "msr primask, ip\n\t"
      "movs r0, #0\n\t"
      "bx lr\n"
      "1:\tmsr primask, ip\n\t"
      "movs r0, #1\n\t"
      "bx lr");
#elif defined(__ARM_ARCH) && __ARM_ARCH >= 8
FLOOR("1:\tldaex r3, [r0]\n\t"
      "tst r3, r1\n\t"
      "bne 2f\n\t"
      "orrs r3, r2\n\t"
      "stlex ip, r3, [r0]\n\t"
      "cmp ip, #0\n\t"
      "bne 1b\n\t"
      "movs r0, #0\n\t"
      "bx lr\n"
      "2:\tmovs r0, #1\n\t"
      "bx lr");
#elif defined(__ARM_ARCH)
FLOOR("dmb\n"
      "1:\tldrex r3, [r0]\n\t"
      "tst r3, r1\n\t"
      "bne 2f\n\t"
      "orrs r3, r2\n\t"
      "strex ip, r3, [r0]\n\t"
      "cmp ip, #0\n\t"
      "bne 1b\n\t"
      "dmb\n\t"
      "movs r0, #0\n\t"
      "bx lr\n"
      "2:\tdmb\n\t"
      "movs r0, #1\n\t"
      "bx lr");
#elif defined(__riscv_atomic)
FLOOR("1:\tlr.w.aqrl a3, (a0)\n\t"
      "and a4, a3, a1\n\t"
      "bnez a4, 2f\n\t"
      "or a3, a3, a2\n\t"
      "sc.w.rl a3, a3, (a0)\n\t"
      "bnez a3, 1b\n"
      "2:\tmv a0, a4\n\t"
      "ret");
#else
FLOOR(".option push\n\t.option arch, +zicsr\n\t"
      "csrrci a5, mstatus, 8\n\t"
      "lw a3, 0(a0)\n\t"
      "and a4, a3, a1\n\t"
      "bnez a4, 1f\n\t"
      "or a3, a3, a2\n\t"
      "sw a3, 0(a0)\n"
      "1:\tandi a5, a5, 8\n\t"
      "csrs mstatus, a5\n\t"
      "mv a0, a4\n\t"
      "ret\n\t.option pop");
#endif
