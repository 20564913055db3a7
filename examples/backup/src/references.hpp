// Which chunks the manifests of a repository speak of, without what else
// stands in them.
#ifndef QBACKUP_REFERENCES_HPP
#define QBACKUP_REFERENCES_HPP

#include <string>
#include <vector>

#include "chunk_store.hpp"
#include "repository.hpp"
#include "stop_sign.hpp"

namespace qbackup {

struct references {
    digest_set chunks;
    /// A sentence for each manifest that could not be read.
    std::vector<std::string> damaged;
};

/// Not all of them where it was halted.
references find_references(const repository &home, const stop_sign &sign);

} // namespace qbackup

#endif
