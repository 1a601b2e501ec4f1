# dragoman_add_plugin(NAME source...)
#
# Makes NAME.so, a module that exports the entry symbol and nothing else. Link libraries with target_link_libraries()
# as usual; the version script keeps their symbols inside.
include_guard()
set(DRAGOMAN_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

function(dragoman_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE dragoman::sdk)
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${DRAGOMAN_PLUGIN_VERSION_SCRIPT})
  target_link_options(${name} PRIVATE LINKER:--version-script=${DRAGOMAN_PLUGIN_VERSION_SCRIPT} LINKER:-z,now LINKER:-z,relro)
  # A sanitizer's run-time library is found in the program that loads the plugin, so -z defs cannot hold there.
  if(NOT DRAGOMAN_SANITIZE)
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  if(DRAGOMAN_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${DRAGOMAN_PLUGIN_OUTPUT_DIRECTORY})
  endif()
endfunction()
