// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over the files and folders named on the command line, without libFuzzer.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_below(std::filesystem::path const& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files); // the same order everywhere, so that a failure is found again
    return files;
}

bool run(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        static_cast<void>(std::fprintf(stderr, "cannot read %s\n", file.c_str()));
        return false;
    }
    std::vector<char> const bytes{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::uint8_t> const input(bytes.begin(), bytes.end());
    std::printf("%s (%zu bytes)\n", file.c_str(), input.size());
    static_cast<void>(std::fflush(stdout)); // the last line names the input that brought the program down
    LLVMFuzzerTestOneInput(input.data(), input.size());
    return true;
}

} // namespace

int main(int argc, char* argv[]) {
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i) {
        for (auto const& file : files_below(argv[i])) {
            if (!run(file)) return 1;
            ++count;
        }
    }
    std::printf("%zu inputs\n", count);
    return count == 0 ? 1 : 0; // no seed at all is a broken set-up, not a pass
}
