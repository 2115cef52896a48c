# Flags that every translation unit of the project, and every program built into an image, shares.
#
#   aster_flags          the compiler and linker flags that make code fit to lie in an image
#   aster_house_flags    aster_flags and the warnings that are errors in this house

add_library(aster_flags INTERFACE)
target_compile_features(aster_flags INTERFACE cxx_std_23)
target_compile_options(aster_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-stdlib=libc++;-Werror=return-type>
  -fPIE -ffunction-sections -fdata-sections -fno-semantic-interposition
  -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero)
target_link_options(aster_flags INTERFACE
  -stdlib=libc++ -fuse-ld=lld -rtlib=compiler-rt -unwindlib=libunwind
  $<IF:$<BOOL:${ASTERISM_SANITIZE}>,-pie,-static-pie>
  -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
target_compile_definitions(aster_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST>)
if(NOT ASTERISM_SANITIZE)
  target_compile_options(aster_flags INTERFACE $<$<NOT:$<COMPILE_LANGUAGE:ASM>>:-U_FORTIFY_SOURCE> $<$<NOT:$<COMPILE_LANGUAGE:ASM>>:-D_FORTIFY_SOURCE=3>)
endif()
target_link_libraries(aster_flags INTERFACE -lc++abi)

add_library(aster_house_flags INTERFACE)
target_link_libraries(aster_house_flags INTERFACE aster_flags)
target_compile_options(aster_house_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wno-sign-conversion;-Werror>)

if(ASTERISM_SANITIZE)
  # The sanitizers' runtime is dynamic; unit tests then are ordinary programs.
  target_compile_options(aster_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(aster_flags INTERFACE -fsanitize=address,undefined)
endif()
