# dragoman_add_plugin(NAME source... [DESTINATION directory])
#
# Makes NAME.so, a module that exports the entry symbol and nothing else. Link libraries with target_link_libraries()
# as usual; the version script keeps their symbols inside. With DESTINATION it is installed to that directory, such as
# ${DRAGOMAN_PLUGIN_DIR}.
#
# dragoman_settings_schema(TARGET file.json)
#
# Gives the sources of TARGET the file as `inline constexpr char settings_schema[]` in "settings_schema.hpp".
include_guard()
set(DRAGOMAN_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

function(dragoman_add_plugin name)
  cmake_parse_arguments(ARG "" "DESTINATION" "" ${ARGN})
  add_library(${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE dragoman::sdk)
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${DRAGOMAN_PLUGIN_VERSION_SCRIPT})
  target_link_options(${name} PRIVATE LINKER:--version-script=${DRAGOMAN_PLUGIN_VERSION_SCRIPT} LINKER:-z,now LINKER:-z,relro)
  # A sanitizer's run-time library is found in the program that loads the plugin, so -z defs cannot hold there.
  if(NOT DRAGOMAN_SANITIZE)
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  set(directory ${DRAGOMAN_PLUGIN_OUTPUT_DIRECTORY})
  if(NOT directory)
    set(directory ${CMAKE_BINARY_DIR}/plugins)
  endif()
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${directory})
  # The gateway trusts no file that others may write to, and some people's umask lets their group.
  add_custom_command(TARGET ${name} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}> VERBATIM)
  if(ARG_DESTINATION)
    install(TARGETS ${name} LIBRARY DESTINATION ${ARG_DESTINATION}
      PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  endif()
endfunction()

function(dragoman_settings_schema target file)
  get_filename_component(file ${file} ABSOLUTE)
  file(READ ${file} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${target}_schema)
  file(CONFIGURE OUTPUT ${directory}/settings_schema.hpp @ONLY
    CONTENT "#pragma once\ninline constexpr char settings_schema[] = R\"json(@text@)json\";\n")
  target_include_directories(${target} PRIVATE ${directory})
endfunction()
