# SPDX-License-Identifier: Apache-2.0
# The library is shared, and its headers need the standard library only: there is nothing else to find.
include(${CMAKE_CURRENT_LIST_DIR}/pointman-targets.cmake)
