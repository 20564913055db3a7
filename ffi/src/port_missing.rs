//! A missing port as a link error that explains itself.

/// Where there is no port, the linker names beside the function that is missing
/// what to do about it. A port defines the symbol with `QUELL_PORT_1`; no
/// instruction and no byte refers to it.
macro_rules! explain_a_missing_port {
    () => {
        #[cfg(any(target_arch = "arm", target_arch = "riscv32"))]
        // SAFETY: nothing is executed.
        unsafe {
            #[cfg(target_arch = "arm")]
            core::arch::asm!(
                ".reloc ., R_ARM_NONE, quell_has_no_port_1__link_libquell_port_a__or_see_QUELL_PORT_1_in_quell_h",
                options(nomem, nostack, preserves_flags)
            );
            #[cfg(target_arch = "riscv32")]
            core::arch::asm!(
                ".reloc ., R_RISCV_NONE, quell_has_no_port_1__link_libquell_port_a__or_see_QUELL_PORT_1_in_quell_h",
                options(nomem, nostack, preserves_flags)
            );
        }
    };
}
pub(crate) use explain_a_missing_port;
