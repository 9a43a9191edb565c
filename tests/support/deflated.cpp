// SPDX-License-Identifier: Apache-2.0
#include "tests/support/deflated.hpp"

#include <zlib.h>

#include <stdexcept>

namespace pointman::test {

Bytes deflated(BytesView plain) {
    uLongf size = compressBound(plain.size());
    Bytes out(size);
    if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<Bytef const*>(plain.data()),
                  plain.size(), Z_BEST_COMPRESSION) != Z_OK)
        throw std::runtime_error("zlib does not compress");
    out.resize(size);
    return out;
}

} // namespace pointman::test
