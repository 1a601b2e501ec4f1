# Flags and helpers shared by every folder of the tree.
include_guard()

find_program(DRAGOMAN_CCACHE ccache)
if(DRAGOMAN_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${DRAGOMAN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DRAGOMAN_CCACHE})
endif()
find_program(DRAGOMAN_LLD ld.lld)
if(DRAGOMAN_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(dragoman_flags INTERFACE)
target_compile_options(dragoman_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(dragoman_flags INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
endif()
if(DRAGOMAN_SANITIZE)
  add_compile_options(-fsanitize=${DRAGOMAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DRAGOMAN_SANITIZE})
endif()

# Every unit that is linked into one program must agree on these.
add_library(dragoman_asio INTERFACE)
target_compile_definitions(dragoman_asio INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_DLL_USE_STD_FS)
target_link_libraries(dragoman_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)

# A room of the core: dragoman_room(NAME SOURCES a.cpp... LIBS other libraries...)
# Headers are included by their room: #include "codec/utf8.hpp".
function(dragoman_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(dragoman_${name} STATIC ${ARG_SOURCES})
  target_include_directories(dragoman_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
  target_link_libraries(dragoman_${name} PUBLIC ${ARG_LIBS} PRIVATE dragoman_flags)
endfunction()

# A plugin of this tree: one exported symbol, no undefined ones, hidden everything else.
include(${PROJECT_SOURCE_DIR}/sdk/cmake/dragoman_add_plugin.cmake)

# A unit test program: dragoman_unit_test(NAME SOURCES a.cpp... ROOMS codec...)
function(dragoman_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_ROOMS PREPEND dragoman_)
  target_link_libraries(${name} PRIVATE ${ARG_ROOMS} ${ARG_LIBS} GTest::gmock GTest::gtest_main dragoman_flags)
  add_test(NAME unit.${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(unit.${name} PROPERTIES TIMEOUT 300)
endfunction()
