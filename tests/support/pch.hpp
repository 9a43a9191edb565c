// SPDX-License-Identifier: Apache-2.0
// Precompiled for every test program.
#pragma once
#include "cmake/pch.hpp"
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
