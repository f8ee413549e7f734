# How every target of the project is built: language, warnings, sanitizers, compiler cache, precompiled header.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC ON)
set(CMAKE_AUTOGEN_ORIGIN_DEPENDS OFF) # a folder compiles before those it links are linked
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(MCPAUTH_CCACHE ccache)
if(MCPAUTH_CCACHE)
  # The precompiled header and checkouts in other folders must hit too.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${MCPAUTH_CCACHE})
endif()

add_library(mcpauth_options INTERFACE)
target_compile_options(mcpauth_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2
  -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> # GCC 14 suspects every moved std::optional
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_compile_definitions(mcpauth_options INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_KEYWORDS QT_NO_URL_CAST_FROM_STRING
  QT_DISABLE_DEPRECATED_UP_TO=0x060800)
if(MCPAUTH_SANITIZE)
  target_compile_options(mcpauth_options INTERFACE -fsanitize=${MCPAUTH_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all)
  target_link_options(mcpauth_options INTERFACE -fsanitize=${MCPAUTH_SANITIZE})
endif()

# mcpauth_core_library(<folder> DEPENDS <folders named before it> LIBRARIES <targets>)
# One static library a folder of core/, so that a folder links only to those named before it.
function(mcpauth_core_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp"
       "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h")
  set(target mcpauth_${folder})
  add_library(${target} STATIC ${sources})
  add_library(McpAuth::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME McpAuth_${folder} EXPORT_NAME ${folder})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/McpAuth>)
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:mcpauth_options>)
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${target} PUBLIC mcpauth_${dependency})
  endforeach()
  target_link_libraries(${target} PUBLIC ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE_LIBRARIES})
  target_precompile_headers(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${CMAKE_SOURCE_DIR}/cmake/pch_core.h>")
  install(TARGETS ${target} EXPORT McpAuthTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  file(GLOB headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h")
  list(FILTER headers EXCLUDE REGEX "_p\\.h$")
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/McpAuth/${folder})
endfunction()

# mcpauth_test(<name> LABEL unit|ui|interop|hostile SOURCES <files> LIBRARIES <targets> [TIMEOUT seconds])
function(mcpauth_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mcpauth_options mcpauth_testsupport GTest::gmock ${arg_LIBRARIES})
  target_precompile_headers(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${CMAKE_SOURCE_DIR}/cmake/pch_tests.h>")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
               ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()
