# SPDX-License-Identifier: Apache-2.0
# What every target of the project shares: flags, precompiled headers, helpers.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers are cached only when ccache may ignore their time stamps.
  set(POINTMAN_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${POINTMAN_LAUNCHER})
  set(CMAKE_C_COMPILER_LAUNCHER ${POINTMAN_LAUNCHER})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT POINTMAN_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

add_library(pointman_flags INTERFACE)
target_link_libraries(pointman_flags INTERFACE fmt::fmt)
target_include_directories(pointman_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_definitions(pointman_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_compile_options(pointman_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wcast-align
  -Wimplicit-fallthrough -fno-omit-frame-pointer -fstack-protector-strong
  $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these wrongly in optimised library code (std::string, coroutine frames).
  target_compile_options(pointman_flags INTERFACE
    -Wno-restrict -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-array-bounds
    -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 uses what libstdc++ 12 calls deprecated. g++ goes on warning.
  target_compile_options(pointman_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(POINTMAN_SANITIZE)
  target_compile_options(pointman_flags INTERFACE
    -fsanitize=${POINTMAN_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(pointman_flags INTERFACE -fsanitize=${POINTMAN_SANITIZE})
  if(POINTMAN_SANITIZE STREQUAL "thread")
    # g++ warns of Asio's fences, which the sanitizer does not see: tests/tsan.supp has what comes of that.
    target_compile_options(pointman_flags INTERFACE -Wno-tsan)
  endif()
endif()
if(POINTMAN_COVERAGE)
  target_compile_options(pointman_flags INTERFACE --coverage)
  target_link_options(pointman_flags INTERFACE --coverage)
endif()
if(POINTMAN_TIDY)
  find_program(CLANG_TIDY_PROGRAM clang-tidy-19 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${CLANG_TIDY_PROGRAM} --quiet)
endif()

# pointman_library(NAME SOURCES ... LINK ...): one folder, one static library.
function(pointman_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC pointman_flags ${arg_LINK})
  # Some of them go into the client library, which is shared and shows nothing but its own names. All are compiled
  # alike, since they share a precompiled header.
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  # All share the header that the lowest library compiles.
  if(NOT POINTMAN_TIDY)
    if(name STREQUAL "pointman_base")
      target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
    else()
      target_precompile_headers(${name} REUSE_FROM pointman_base)
    endif()
  endif()
endfunction()

# pointman_test(NAME SOURCES ... LINK ...): one Catch2 program, one ctest entry.
function(pointman_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE pointman_flags pointman_test_main pointman_test_support ${arg_LINK})
  if(NOT POINTMAN_TIDY)
    target_precompile_headers(${name} REUSE_FROM pointman_test_support)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${name} --use-colour no)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# pointman_embed(TARGET NAMESPACE FILES...): the files as std::string_view constants.
# Gives <build>/embedded/<target>.hpp with `struct File { name; content; }` and `files()`.
function(pointman_embed target namespace)
  set(out ${PROJECT_BINARY_DIR}/embedded/${target})
  add_custom_command(
    OUTPUT ${out}.hpp ${out}.cpp
    COMMAND ${CMAKE_COMMAND} -DNAMESPACE=${namespace} -DOUT=${out} "-DFILES=${ARGN}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out}.cpp ${out}.hpp)
  set_source_files_properties(${out}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
