# The packages: what belongs to each, beside the files of its component. ./dev package calls cpack in a tree of its own.
find_program(LOWDOWN lowdown REQUIRED)
find_program(GZIP gzip REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# What plugins and the program agree on. Before ABI 1.0 the minors must be equal.
file(STRINGS ${PROJECT_SOURCE_DIR}/sdk/include/dragoman/plugin.h abi_lines REGEX "^#define DGM_ABI_(MAJOR|MINOR) [0-9]+$")
string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*" "\\1;\\2" abi "${abi_lines}")
list(GET abi 0 abi_major)
list(GET abi 1 abi_minor)
set(abi_name dragoman-plugin-abi-${abi_major})
set(abi_relation ">=")
if(abi_major EQUAL 0)
  set(abi_relation "=")
endif()

set(release 1)
set(contact "dragoman maintainers <maintainers@dragoman.example>")
set(CPACK_GENERATOR ${DRAGOMAN_PACKAGES})
set(CPACK_PACKAGE_NAME dragoman)
# Otherwise the project's stands before every package's own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_VENDOR dragoman)
set(CPACK_PACKAGE_CONTACT "${contact}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build/packages)
set(CPACK_OUTPUT_CONFIG_FILE ${CMAKE_BINARY_DIR}/CPackConfig.cmake)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${release})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${contact}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE ${release})
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_PACKAGE_GROUP System/Servers)
# What else would differ from one build to the next.
set(CPACK_RPM_SPEC_MORE_DEFINE "%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost localhost
%define __os_install_post %{nil}
%define __provides_exclude_from /dragoman/plugins/
%define _build_id_links none")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /lib /usr/lib /usr/lib64 /usr/lib/systemd /usr/lib/systemd/system
  /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh
  /usr/share/zsh/site-functions /usr/share/man /usr/share/man/man1
  /usr/share/man/man5 /usr/share/doc /usr/include /usr/lib64/cmake /usr/lib64/pkgconfig /usr/share/pkgconfig)

# What dpkg and rpm keep of the changes of each package.
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/doc)
set(generated)
function(compressed from to)
  add_custom_command(OUTPUT ${to} COMMAND ${GZIP} -9nc ${from} > ${to} DEPENDS ${from} VERBATIM)
  set(generated ${generated} ${to} PARENT_SCOPE)
endfunction()
set(doc ${CMAKE_CURRENT_BINARY_DIR}/doc)
compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${doc}/changelog.gz)
compressed(${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog ${doc}/changelog.Debian.gz)

# What the program says of itself.
set(says ${CMAKE_CURRENT_BINARY_DIR}/says)
file(MAKE_DIRECTORY ${says})
function(said_by_program file)
  add_custom_command(OUTPUT ${says}/${file} COMMAND dragoman ${ARGN} > ${says}/${file} DEPENDS dragoman VERBATIM)
  set(generated ${generated} ${says}/${file} PARENT_SCOPE)
endfunction()
said_by_program(dragoman completion bash)
said_by_program(_dragoman completion zsh)
said_by_program(dragoman.fish completion fish)
said_by_program(dragoman.1 manual)
compressed(${says}/dragoman.1 ${doc}/dragoman.1.gz)
add_custom_command(OUTPUT ${says}/dragoman.yaml.5
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/manual_page.py ${LOWDOWN} ${PROJECT_SOURCE_DIR}/docs/configuration.md
    dragoman.yaml "configuration of the WebSocket gateway dragoman" > ${says}/dragoman.yaml.5
  DEPENDS manual_page.py ${PROJECT_SOURCE_DIR}/docs/configuration.md VERBATIM)
compressed(${says}/dragoman.yaml.5 ${doc}/dragoman.yaml.5.gz)
install(FILES ${says}/dragoman DESTINATION share/bash-completion/completions COMPONENT core)
set(zsh_functions vendor-completions)
if(DRAGOMAN_PACKAGES STREQUAL "RPM")
  set(zsh_functions site-functions)
endif()
install(FILES ${says}/_dragoman DESTINATION share/zsh/${zsh_functions} COMPONENT core)
install(FILES ${says}/dragoman.fish DESTINATION share/fish/vendor_completions.d COMPONENT core)
install(FILES ${doc}/dragoman.1.gz DESTINATION share/man/man1 COMPONENT core)
install(FILES ${doc}/dragoman.yaml.5.gz DESTINATION share/man/man5 COMPONENT core)

# Which libraries all of it is linked with.
set(plugin_targets amqp honeytrap kazoo lavaboom mqtt nats postgres redis sqlite valtronics wazo)
set(plugin_files ${plugin_targets})
list(TRANSFORM plugin_files REPLACE "(.+)" "$<TARGET_FILE:\\1>")
# Each time: it carries the date of SOURCE_DATE_EPOCH, and the libraries of the system may be others.
add_custom_target(bill_of_materials ALL BYPRODUCTS ${doc}/dragoman.spdx.json
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bill_of_materials.py --version ${PROJECT_VERSION}
    --output ${doc}/dragoman.spdx.json $<TARGET_FILE:dragoman> ${plugin_files}
  WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} DEPENDS dragoman ${plugin_targets} VERBATIM)
install(FILES ${doc}/dragoman.spdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT core)

# dragoman_package(COMPONENT NAME SUMMARY TEXT [DEPENDS...] [RECOMMENDS...] [SUGGESTS...] [PROVIDES...])
# Relations as Debian writes them; rpm's are made from those, but for the weak ones, which CPack does not know there. TEXT: lines, as dpkg shows them.
macro(dragoman_package component name summary text)
  cmake_parse_arguments(ARG "" "SECTION" "DEPENDS;RECOMMENDS;SUGGESTS;PROVIDES" ${ARGN})
  string(TOUPPER ${component} key)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_DESCRIPTION "${summary}\n${gateway_text}\n.\n${text}")
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${ARG_SECTION})
  string(REPLACE "\n.\n" "\n\n" rpm_text "${gateway_text}\n\n${text}")
  set(CPACK_RPM_${key}_PACKAGE_NAME ${name})
  set(CPACK_RPM_${key}_FILE_NAME RPM-DEFAULT)
  set(CPACK_RPM_${key}_PACKAGE_SUMMARY "${summary}")
  set(CPACK_RPM_${key}_PACKAGE_DESCRIPTION "${rpm_text}")
  foreach(relation DEPENDS RECOMMENDS SUGGESTS PROVIDES)
    list(JOIN ARG_${relation} ", " relations)
    set(CPACK_DEBIAN_${key}_PACKAGE_${relation} "${relations}")
    string(REGEX REPLACE "[()]" "" relations "${relations}")
    string(REGEX REPLACE " \\| [^,]*" "" relations "${relations}")
    if(relation STREQUAL "DEPENDS")
      set(CPACK_RPM_${key}_PACKAGE_REQUIRES "${relations}")
    elseif(relation STREQUAL "PROVIDES")
      set(CPACK_RPM_${key}_PACKAGE_PROVIDES "${relations}")
    endif()
  endforeach()
  install(FILES debian/copyright DESTINATION share/doc/${name} COMPONENT ${component})
  if(DRAGOMAN_PACKAGES STREQUAL "DEB")
    install(FILES ${doc}/changelog.gz ${doc}/changelog.Debian.gz DESTINATION share/doc/${name} COMPONENT ${component})
    install(FILES debian/lintian-overrides DESTINATION share/lintian/overrides RENAME ${name} COMPONENT ${component})
  endif()
endmacro()

set(same "(= ${PROJECT_VERSION}-${release})")
set(needs_abi "${abi_name} (${abi_relation} ${abi_major}.${abi_minor})")
set(gateway_text "dragoman connects the unmodified clients of several systems to one stream of
events: a plugin for each dialect answers them in the words of its protocol.")

dragoman_package(core dragoman "WebSocket gateway that speaks many dialects"
  "This package has the program, its service and its configuration. Events come
over HTTP or from the bus inside; dialects, other buses and journals are in the
packages dragoman-dialects, dragoman-bus-* and dragoman-journal-*."
  SECTION net
  DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers"
  RECOMMENDS "dragoman-dialects ${same}" ca-certificates
  SUGGESTS dragoman-bus-amqp dragoman-bus-mqtt dragoman-bus-nats dragoman-bus-redis dragoman-journal-postgres
    dragoman-journal-sqlite
  PROVIDES "${abi_name} (= ${abi_major}.${abi_minor})")

dragoman_package(dialects dragoman-dialects "dialects for the dragoman WebSocket gateway"
  "This package has the dialects honeytrap, kazoo, lavaboom, valtronics and wazo."
  SECTION net DEPENDS "${needs_abi}")

macro(family_package family name summary text)
  dragoman_package(${family}-${name} dragoman-${family}-${name} "${summary} for the dragoman WebSocket gateway"
    "${text}" SECTION net DEPENDS "${needs_abi}")
endmacro()
family_package(bus amqp "RabbitMQ bus"
  "This package has the plugin amqp: events of RabbitMQ's exchanges reach clients,\nand what they publish goes there.")
family_package(bus mqtt "MQTT bus"
  "This package has the plugin mqtt: events of the topics of a broker for MQTT\n3.1.1 or 5 reach clients, and what they publish goes there.")
family_package(bus nats "NATS bus"
  "This package has the plugin nats: events of NATS subjects, or of JetStream,\nreach clients, and what they publish goes there.")
family_package(bus redis "Redis bus"
  "This package has the plugin redis: events of Redis channels or streams reach\nclients, and what they publish goes there.")
family_package(journal sqlite "SQLite journal"
  "This package has the plugin sqlite: events that dialects can read back are kept\nin a file on this machine.")
family_package(journal postgres "PostgreSQL journal"
  "This package has the plugin postgres: events that dialects can read back are\nkept in a PostgreSQL database.")

dragoman_package(dev dragoman-dev "plugin development kit of the dragoman WebSocket gateway"
  "This package has the headers, the CMake package and what else it takes to\nwrite, build and test plugins."
  SECTION libdevel DEPENDS "dragoman ${same}" RECOMMENDS cmake g++)

set(scripts ${CMAKE_CURRENT_BINARY_DIR}/scripts)
foreach(script postinst prerm postrm conffiles triggers)
  configure_file(debian/${script} ${scripts}/debian/${script} @ONLY)
  list(APPEND control ${scripts}/debian/${script})
endforeach()
set(CPACK_DEBIAN_CORE_PACKAGE_CONTROL_EXTRA "${control}")
file(STRINGS systemd/sysusers.conf sysusers)
foreach(script pre post preun postun)
  configure_file(rpm/${script} ${scripts}/rpm/${script} @ONLY)
endforeach()
set(CPACK_RPM_CORE_PRE_INSTALL_SCRIPT_FILE ${scripts}/rpm/pre)
set(CPACK_RPM_CORE_POST_INSTALL_SCRIPT_FILE ${scripts}/rpm/post)
set(CPACK_RPM_CORE_PRE_UNINSTALL_SCRIPT_FILE ${scripts}/rpm/preun)
set(CPACK_RPM_CORE_POST_UNINSTALL_SCRIPT_FILE ${scripts}/rpm/postun)
# The token is made by post; as a ghost it goes with the package.
set(CPACK_RPM_CORE_USER_FILELIST "%config(noreplace) /etc/dragoman/dragoman.yaml"
  "%ghost %attr(0640,root,dragoman) /etc/dragoman/admin.token")
set(CPACK_RPM_CORE_PACKAGE_REQUIRES_PRE "systemd")
set(CPACK_RPM_CORE_PACKAGE_REQUIRES_POST "systemd, coreutils")
set(CPACK_RPM_CORE_PACKAGE_REQUIRES_PREUN "systemd")
set(CPACK_RPM_CORE_PACKAGE_REQUIRES_POSTUN "systemd, coreutils")

add_custom_target(package_files ALL DEPENDS ${generated})
include(CPack)
