/*
 * NVMe's numbers against mingw-w64's nvme.h: where a completion's fields lie,
 * and each status.
 */
#include <windows.h>

#include <nvme.h>

#include "check.h"
#include "quell.h"

/* The status field that these two and no other bits make. */
static uint32_t field(USHORT type, USHORT code) {
    NVME_COMMAND_STATUS status;
    status.AsUshort = 0;
    status.SCT = type & 7u;
    status.SC = code & 0xFFu;
    return (uint32_t)status.AsUshort >> 1;
}

static void statuses(void) {
    const USHORT generic = NVME_STATUS_TYPE_GENERIC_COMMAND;
    const USHORT specific = NVME_STATUS_TYPE_COMMAND_SPECIFIC;
    CHECK_EQ(field(generic, NVME_STATUS_SUCCESS_COMPLETION), QUELL_NVME_SUCCESS);
    CHECK_EQ(field(generic, NVME_STATUS_INVALID_FIELD_IN_COMMAND), QUELL_NVME_INVALID_FIELD);
    CHECK_EQ(field(generic, NVME_STATUS_COMMAND_ABORTED_DUE_TO_POWER_LOSS_NOTIFICATION),
             QUELL_NVME_ABORTED_POWER_LOSS);
    CHECK_EQ(field(generic, NVME_STATUS_INTERNAL_DEVICE_ERROR), QUELL_NVME_INTERNAL_ERROR);
    CHECK_EQ(field(generic, NVME_STATUS_COMMAND_ABORT_REQUESTED), QUELL_NVME_ABORT_REQUESTED);
    CHECK_EQ(field(generic, NVME_STATUS_COMMAND_ABORTED_DUE_TO_SQ_DELETION),
             QUELL_NVME_ABORTED_SQ_DELETION);
    CHECK_EQ(field(generic, NVME_STATUS_COMMAND_ABORTED_DUE_TO_FAILED_FUSED_COMMAND),
             QUELL_NVME_ABORTED_FAILED_FUSED);
    CHECK_EQ(field(generic, NVME_STATUS_OPERATION_DENIED), QUELL_NVME_OPERATION_DENIED);
    CHECK_EQ(field(specific, NVME_STATUS_ABORT_COMMAND_LIMIT_EXCEEDED),
             QUELL_NVME_ABORT_LIMIT_EXCEEDED);
}

static void flags(void) {
    NVME_COMMAND_STATUS status;
    status.AsUshort = 0;
    status.DNR = 1;
    CHECK_EQ((uint32_t)status.AsUshort >> 1, QUELL_NVME_DO_NOT_RETRY);
    status.AsUshort = 0;
    status.M = 1;
    CHECK_EQ((uint32_t)status.AsUshort >> 1, QUELL_NVME_MORE);
    status.AsUshort = 0;
    status.P = 1;
    CHECK_EQ(status.AsUshort, 1);
}

int main(void) {
    statuses();
    flags();
    return check_report("nvme");
}
