/* The emulator's own services. */

#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

/* The words of the emulator's command line, as main() takes them: how many. */
int semihosting_arguments(char ***argv);

/* Ends the emulator with a failed exit. */
__attribute__((noreturn)) void semihosting_abort(void);

#endif
