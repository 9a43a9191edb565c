// SPDX-License-Identifier: Apache-2.0
// MP_RelayEndpoint: hands in an inventory of its own as a MIF file.
#include "example.hpp"

#include <cstring>
#include <pointman/collected_files.hpp>

namespace {

constexpr char mif[] = R"(Start Component
  Name = "Printer"
  Start Group
    Name = "Tray"
    ID = 1
    Class = "Lab|Tray|1.0"
    Key = 1
    Start Attribute
      Name = "Number"
      ID = 1
      Type = Integer
      Value = 2
    End Attribute
  End Group
End Component
)";

} // namespace

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    pointman::client::MifFile file;
    auto const bytes = std::as_bytes(std::span(mif, std::strlen(mif)));
    file.content.assign(bytes.begin(), bytes.end());
    example::must(post_idmif(client.registered(), {}, {&file, 1}));
    client.deliver();
}
