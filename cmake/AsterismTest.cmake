# aster_unit_test(NAME SOURCES... [LIBRARIES libs...])
#
# A doctest program of the sources (doctest's main included), registered with ctest under NAME, label
# "unit". It runs as a plain Linux process.
find_path(DOCTEST_INCLUDE doctest/doctest.h)
add_library(aster_doctest_main STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/doctest_main.cpp)
target_link_libraries(aster_doctest_main PUBLIC aster_flags)
target_include_directories(aster_doctest_main SYSTEM PUBLIC ${DOCTEST_INCLUDE})

function(aster_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LIBRARIES")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} aster_doctest_main aster_house_flags aster_abi)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT ${arg_TIMEOUT})
endfunction()

# aster_refused_test(NAME SOURCE)
#
# The cases of SOURCE must not compile, each with its message: see refused.py beside this file.
function(aster_refused_test name source)
  add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/cmake/refused.py ${CMAKE_CURRENT_SOURCE_DIR}/${source}
    ${CMAKE_CXX_COMPILER} -std=c++23 -stdlib=libc++ -Wall -Wextra -Werror=return-type -Werror=unused-result -I${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# aster_fuzz_program(NAME SOURCES... [LIBRARIES libs...] [SEEDS folder])
#
# With -DASTERISM_FUZZ=ON (and -DASTERISM_SANITIZE=ON): a libFuzzer program, part of the target `fuzz`, and a test with
# label "fuzz" that lets it run for two minutes. It begins with the files in `folder`, and goes on with what it has
# found before in this build folder.
option(ASTERISM_FUZZ "Build the libFuzzer programs" OFF)
set(ASTERISM_FUZZ_SECONDS 120 CACHE STRING "How long the test of each libFuzzer program runs")
if(ASTERISM_FUZZ AND NOT TARGET fuzz)
  add_custom_target(fuzz)
endif()
function(aster_fuzz_program name)
  if(NOT ASTERISM_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SEEDS" "LIBRARIES")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} aster_house_flags)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  # The fuzzer's runtime was built with the other standard library; the two share no symbol.
  target_link_options(${name} PRIVATE -fsanitize=fuzzer -l:libstdc++.so.6)
  add_dependencies(fuzz ${name})
  set(found ${CMAKE_BINARY_DIR}/fuzz/${name})
  file(MAKE_DIRECTORY ${found})
  if(arg_SEEDS)
    set(arg_SEEDS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SEEDS})
  endif()
  math(EXPR patience "${ASTERISM_FUZZ_SECONDS} * 2 + 120")
  add_test(NAME ${name} COMMAND ${name} -max_total_time=${ASTERISM_FUZZ_SECONDS} -timeout=30 -rss_limit_mb=4096
    -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/${name}- -verbosity=0 -print_final_stats=1 ${found} ${arg_SEEDS})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT ${patience})
endfunction()

# aster_fuzz_target(NAME SOURCE [LIBRARIES libs...])
#
# A fuzz target with its seeds (see fuzz_smoke.cpp), run on fixed mutations as the test NAME_smoke; and the
# aster_fuzz_program NAME.
set(ASTERISM_FUZZ_SMOKE ${CMAKE_CURRENT_LIST_DIR}/fuzz_smoke.cpp)
function(aster_fuzz_target name source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBRARIES")
  add_executable(${name}_smoke ${ASTERISM_FUZZ_SMOKE} ${source})
  target_link_libraries(${name}_smoke PRIVATE ${arg_LIBRARIES} aster_house_flags)
  set_target_properties(${name}_smoke PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name}_smoke COMMAND ${name}_smoke)
  set_tests_properties(${name}_smoke PROPERTIES LABELS unit TIMEOUT 120)
  aster_fuzz_program(${name} ${source} LIBRARIES ${arg_LIBRARIES})
endfunction()
