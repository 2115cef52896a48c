# What other projects need: for find_package(Asterism) from an install prefix and from this build tree.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Everything that these need is exported too: CMake wants the whole closure, and it changes with the rooms.
set(roots aster_kernel aster_task aster_net aster_http aster_http_compress aster_crunch aster_html aster_json aster_web
  aster_web_compress aster_web_crypto aster_web_test aster_websocket aster_websocket_test aster_http_memory aster_proxy aster_main
  aster_flags aster-seal)
set(closure "")
while(roots)
  list(POP_FRONT roots target)
  string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" target "${target}")
  if(NOT TARGET ${target} OR target IN_LIST closure)
    continue()
  endif()
  get_target_property(alias ${target} ALIASED_TARGET)
  get_target_property(imported ${target} IMPORTED)
  if(alias OR imported)
    continue()
  endif()
  list(APPEND closure ${target})
  foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
    get_target_property(needed ${target} ${property})
    # An executable's libraries lie inside of it already.
    get_target_property(type ${target} TYPE)
    if(needed AND NOT type STREQUAL "EXECUTABLE")
      list(APPEND roots ${needed})
    endif()
  endforeach()
endwhile()

install(TARGETS ${closure} EXPORT AsterismTargets
  ARCHIVE DESTINATION lib/asterism
  RUNTIME DESTINATION libexec/asterism)
install(EXPORT AsterismTargets DESTINATION lib/cmake/Asterism)
export(EXPORT AsterismTargets FILE ${CMAKE_BINARY_DIR}/AsterismTargets.cmake)

# Programs: `aster` on the PATH, what it starts beside it in libexec.
install(PROGRAMS $<TARGET_FILE:aster> DESTINATION bin)
foreach(program aster_sandbox aster_usernet aster_capture aster_switch aster-galaxy)
  if(TARGET ${program})
    install(PROGRAMS $<TARGET_FILE:${program}> DESTINATION libexec/asterism)
  endif()
endforeach()
# A galaxy's daemon as a service of its user.
configure_file(${CMAKE_SOURCE_DIR}/host/galaxy/aster-galaxy@.service.in ${CMAKE_BINARY_DIR}/install/aster-galaxy@.service
  @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/install/aster-galaxy@.service DESTINATION lib/systemd/user)
# An image: what stands in front of a galaxy that has no edge of its own.
install(PROGRAMS $<TARGET_FILE:aster-edge> DESTINATION libexec/asterism)

foreach(room abi aster)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${room} DESTINATION include/asterism FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/cmake/AsterismImage.cmake ${CMAKE_SOURCE_DIR}/cmake/AsterismCrunch.cmake
  DESTINATION lib/cmake/Asterism)
install(CODE [[
  set(prefix "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  # Debug information of the tools is of use in a build tree only.
  foreach(program bin/aster libexec/asterism/aster-seal libexec/asterism/aster-usernet
                  libexec/asterism/aster-capture libexec/asterism/aster-switch libexec/asterism/aster-galaxy)
    execute_process(COMMAND llvm-strip-19 "${prefix}/${program}")
  endforeach()
  # Where each shell looks by itself.
  foreach(script bash:bash-completion/completions/aster zsh:zsh/site-functions/_aster
                 fish:fish/vendor_completions.d/aster.fish)
    string(REGEX MATCH "^([a-z]+):(.*)$" matched "${script}")
    get_filename_component(folder "${prefix}/share/${CMAKE_MATCH_2}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    execute_process(COMMAND "${prefix}/bin/aster" completion ${CMAKE_MATCH_1}
                    OUTPUT_FILE "${prefix}/share/${CMAKE_MATCH_2}")
  endforeach()]])

set(ASTERISM_COMMAND_PATH bin/aster)
set(ASTERISM_IMAGE_MODULE lib/cmake/Asterism/AsterismImage.cmake)
set(ASTERISM_CRUNCH_MODULE lib/cmake/Asterism/AsterismCrunch.cmake)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/AsterismConfig.cmake.in
  ${CMAKE_BINARY_DIR}/install/AsterismConfig.cmake
  INSTALL_DESTINATION lib/cmake/Asterism
  PATH_VARS ASTERISM_COMMAND_PATH ASTERISM_IMAGE_MODULE ASTERISM_CRUNCH_MODULE NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/install/AsterismConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/install/AsterismConfig.cmake ${CMAKE_BINARY_DIR}/install/AsterismConfigVersion.cmake
  DESTINATION lib/cmake/Asterism)

# The same for this build tree, where `aster` lies in bin/ and finds the configuration beside it.
set(ASTERISM_COMMAND_PATH ${CMAKE_BINARY_DIR}/bin/aster)
set(ASTERISM_IMAGE_MODULE ${CMAKE_SOURCE_DIR}/cmake/AsterismImage.cmake)
set(ASTERISM_CRUNCH_MODULE ${CMAKE_SOURCE_DIR}/cmake/AsterismCrunch.cmake)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/AsterismConfig.cmake.in
  ${CMAKE_BINARY_DIR}/AsterismConfig.cmake
  INSTALL_DESTINATION ${CMAKE_BINARY_DIR} INSTALL_PREFIX ${CMAKE_BINARY_DIR}
  PATH_VARS ASTERISM_COMMAND_PATH ASTERISM_IMAGE_MODULE ASTERISM_CRUNCH_MODULE NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/AsterismConfigVersion.cmake COMPATIBILITY SameMinorVersion)
