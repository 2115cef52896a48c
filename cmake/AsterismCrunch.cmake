# asterism_crunch(TARGET DIR [NAME name] [HIDDEN] [NO_LIVE])
#
# Puts the files below DIR into the program TARGET, an image or any other. Its sources then may
#
#   #include "assets.hpp"                    // NAME.hpp; the name is `assets` when left out
#
# and use `assets::css::style_css` for DIR/css/style.css, and `assets::all` for the folder: see aster/crunch.hpp. A
# file that is changed, added or removed makes it anew with the next build. HIDDEN takes hidden files and editors'
# backups too. NO_LIVE leaves out the code by which `aster run --live` serves the folder from disk.
function(asterism_crunch target dir)
  cmake_parse_arguments(PARSE_ARGV 2 arg "HIDDEN;NO_LIVE" "NAME" "")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "asterism_crunch(${target} ${dir} ...): unknown argument ${arg_UNPARSED_ARGUMENTS}; "
      "write asterism_crunch(TARGET DIR [NAME name] [HIDDEN] [NO_LIVE])")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "asterism_crunch(${target} ...): there is no target ${target}; "
      "put asterism_image(${target} ...) before it")
  endif()
  cmake_path(ABSOLUTE_PATH dir NORMALIZE)
  if(NOT IS_DIRECTORY ${dir})
    message(FATAL_ERROR "asterism_crunch(${target} ...): ${dir} is not a directory; name the one that holds the files")
  endif()
  if(NOT arg_NAME)
    set(arg_NAME assets)
  endif()
  set(command $<TARGET_FILE:aster>)
  set(command_target aster)
  if(ASTERISM_COMMAND)  # another project than Asterism's own
    set(command ${ASTERISM_COMMAND})
    set(command_target ${ASTERISM_COMMAND})
  endif()
  set(hidden "")
  if(arg_HIDDEN)
    set(hidden --hidden)
  endif()

  # The directories themselves are in the depfile: their time changes with what they list.
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/crunch/${target})
  set(written ${folder}/${arg_NAME}.hpp ${folder}/${arg_NAME}.cpp ${folder}/${arg_NAME}.bin)
  add_custom_command(OUTPUT ${written}
    COMMAND ${command} crunch ${dir} --name ${arg_NAME} -o ${folder} --depfile ${folder}/${arg_NAME}.d --quiet ${hidden}
    DEPENDS ${command_target}
    DEPFILE ${folder}/${arg_NAME}.d
    COMMENT "Crunching ${dir} into ${arg_NAME}"
    VERBATIM)
  target_sources(${target} PRIVATE ${written})
  set_source_files_properties(${folder}/${arg_NAME}.cpp PROPERTIES OBJECT_DEPENDS ${folder}/${arg_NAME}.bin)
  target_include_directories(${target} PRIVATE ${folder})
  # The whole archive, for nothing but weak references leads to it; unless they are used, the linker leaves it out again.
  if(arg_NO_LIVE)
    target_link_libraries(${target} PRIVATE aster_abi)
  else()
    target_link_libraries(${target} PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,aster_crunch>)
  endif()
endfunction()
