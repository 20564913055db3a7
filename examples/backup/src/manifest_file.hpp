// A manifest as a file: JSON that begins with the checksum of its own rest,
//
//   {"checksum":"<hash>","manifest":<body>}
//
// The checksum is of the body's bytes as they stand, so that it can be
// compared before anything is parsed. Names are written by to_ascii: JSON
// cannot hold what is not UTF-8.
#ifndef QBACKUP_MANIFEST_FILE_HPP
#define QBACKUP_MANIFEST_FILE_HPP

#include <string>
#include <string_view>

#include "file.hpp"
#include "manifest.hpp"
#include "stop_sign.hpp"

namespace qbackup {

const char *kind_name(kind what) noexcept;

/// Writes it and brings it to the disk, under its temporary name. False where
/// it was halted.
bool write_manifest(temporary &to, const manifest &what, const stop_sign &sign);

/// The body of a manifest's text; throws where the checksum is not its own.
std::string_view manifest_body(std::string_view text);

} // namespace qbackup

#endif
