// quell: implementations of Windows's own asynchronous interfaces, C++17, header-only.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Each is one header, and may be included alone. They need neither exceptions nor RTTI,
// and are linked with libquell.a for Windows, -lsynchronization and -luuid.
//
//   vss_async           IVssAsync
//   vds_async           IVdsAsync
//   wsb_async           IWsbApplicationAsync
//   gpm_async_cancel    IGPMAsyncCancel, and what is said to IGPMAsyncProgress
//   backup_components   IVssBackupComponents; with -lole32 and -loleaut32
#ifndef QUELL_COM_HPP
#define QUELL_COM_HPP

#include "quell_com/backup_components.hpp"
#include "quell_com/gpm_async.hpp"
#include "quell_com/vds_async.hpp"
#include "quell_com/vss_async.hpp"
#include "quell_com/wsb_async.hpp"

#endif // QUELL_COM_HPP
