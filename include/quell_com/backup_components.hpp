// quell: IVssBackupComponents over a quell session.
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef QUELL_COM_BACKUP_COMPONENTS_HPP
#define QUELL_COM_BACKUP_COMPONENTS_HPP

#include <vsbackup.h>

#include "backup_host.hpp"

namespace quell::com {

/// Makes a backup object, with one reference. `host` stays in place until it
/// is told `gone`.
///
/// S_OK; E_INVALIDARG where `made` is null; E_OUTOFMEMORY. Except with S_OK
/// `*made` is null, and the host is not used.
HRESULT make_backup_components(backup_host &host, IVssBackupComponents **made) noexcept;

} // namespace quell::com

#endif
