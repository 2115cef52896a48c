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
