# asterism_image(NAME SOURCES... [LIBRARIES libs...])
#
# Builds the program of SOURCES as an image: one static-PIE ELF that runs on every target. Beside it in the
# same folder lie NAME.debug (symbols and lines, for `aster run`, `aster inspect` and gdb) and NAME.map (which
# library brought what). LIBRARIES may name the rooms (aster_html, aster_http, aster_net, aster_task) and any static
# library of the distribution; naming none is fine: the rooms are there, and what is not used is not linked.

find_program(ASTERISM_OBJCOPY NAMES llvm-objcopy-19 llvm-objcopy objcopy REQUIRED)

function(asterism_image name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set(rooms "")
  foreach(room aster_proxy aster_websocket aster_web_compress aster_web_crypto aster_web aster_json aster_html aster_http_compress aster_http aster_net
      aster_task)
    if(TARGET ${room})
      list(APPEND rooms ${room})
    endif()
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} ${rooms} aster_kernel aster_flags)
  if(TARGET aster_main)
    target_link_libraries(${name} PRIVATE aster_main)
    target_link_options(${name} PRIVATE -Wl,--wrap=main)
  endif()
  target_link_options(${name} PRIVATE -Wl,--wrap=__cxa_throw)  # abi/throw_site.hpp
  target_compile_options(${name} PRIVATE -g -O2)
  target_link_options(${name} PRIVATE
    # The entries are found by notes, not by references, and the addends lie in place, for code that runs
    # before libc has relocated the image.
    -Wl,-u,aster_sandbox_entry -Wl,-u,aster_pvh_entry -Wl,-u,aster_prepare_process
    -Wl,--apply-dynamic-relocs -Wl,-z,pack-relative-relocs -Wl,--build-id=sha1 -Wl,-z,max-page-size=4096
    -Wl,-Map=$<TARGET_FILE:${name}>.map)
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${ASTERISM_OBJCOPY} --only-keep-debug $<TARGET_FILE:${name}> $<TARGET_FILE:${name}>.debug
    COMMAND ${ASTERISM_OBJCOPY} --strip-all --add-gnu-debuglink=$<TARGET_FILE:${name}>.debug $<TARGET_FILE:${name}>
    COMMAND aster-seal $<TARGET_FILE:${name}>
    VERBATIM)
  add_dependencies(${name} aster-seal)
endfunction()
