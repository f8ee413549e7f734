# How every target of the project is built: language, warnings, sanitizers, linker, compiler cache, unity builds,
# precompiled headers.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC ON)
set(CMAKE_AUTOGEN_ORIGIN_DEPENDS OFF) # a folder compiles before those it links are linked
set(CMAKE_UNITY_BUILD ${MCPAUTH_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)

find_program(MCPAUTH_MOLD mold)
if(MCPAUTH_MOLD)
  set(CMAKE_LINKER_TYPE MOLD)
endif()

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
# Libraries and programs alike, so that they can share a precompiled header.
target_compile_options(mcpauth_options INTERFACE -fPIC)
target_compile_options(mcpauth_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2
  -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> # GCC 14 suspects every moved std::optional
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${MCPAUTH_UNITY}>>:-Wno-subobject-linkage>) # every source is an include there
target_compile_definitions(mcpauth_options INTERFACE
  QT_CORE_LIB QT_NETWORK_LIB # Qt's targets define some of them; a shared precompiled header wants the same everywhere
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_KEYWORDS QT_NO_URL_CAST_FROM_STRING
  QT_DISABLE_DEPRECATED_UP_TO=0x060800)
if(MCPAUTH_SANITIZE)
  target_compile_options(mcpauth_options INTERFACE -fsanitize=${MCPAUTH_SANITIZE} -fno-omit-frame-pointer
                                                   -fno-sanitize-recover=all
    # Clang's check of dynamic types stumbles over QCoro's own downcasts, and where a test has used up the descriptors it
    # cannot read the memory that it judges.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=vptr>)
  target_link_options(mcpauth_options INTERFACE -fsanitize=${MCPAUTH_SANITIZE})
endif()

# mcpauth_precompiled(<name> HEADERS <headers> LIBRARIES <targets>)
# A precompiled header takes ten seconds to make and is 200 MB: one for all targets of a kind, by REUSE_FROM <name>.
function(mcpauth_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LIBRARIES")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp.new "// nothing but its precompiled header counts\n")
  file(COPY_FILE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp.new ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp ONLY_IF_DIFFERENT)
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set_target_properties(${name} PROPERTIES AUTOMOC OFF UNITY_BUILD OFF)
  target_link_libraries(${name} PRIVATE mcpauth_options ${arg_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

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
  target_precompile_headers(${target} REUSE_FROM mcpauth_pch_core)
  install(TARGETS ${target} EXPORT McpAuthTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  file(GLOB headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h")
  list(FILTER headers EXCLUDE REGEX "_p\\.h$")
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/McpAuth/${folder})
endfunction()

# mcpauth_test(<name> LABEL unit|ui|interop|hostile SOURCES <files> LIBRARIES <targets> [TIMEOUT seconds]
#              [PRECOMPILED <target>|none])
function(mcpauth_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT;PRECOMPILED" "SOURCES;LIBRARIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_PRECOMPILED)
    set(arg_PRECOMPILED mcpauth_pch_tests)
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF) # each is a small world with names of its own
  target_link_libraries(${name} PRIVATE mcpauth_testoptions mcpauth_testsupport GTest::gmock ${arg_LIBRARIES})
  if(NOT arg_PRECOMPILED STREQUAL "none")
    target_precompile_headers(${name} REUSE_FROM ${arg_PRECOMPILED})
  endif()
  if(MCPAUTH_SANITIZE)
    mcpauth_sharded_test(${name} ${arg_LABEL})
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
               ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()

# A sanitized program takes half a second to start, and there are thousands of tests: each program runs in a few pieces.
function(mcpauth_sharded_test name label)
  set(shards 4)
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${name}.${shard} COMMAND ${name})
    set_tests_properties(${name}.${shard} PROPERTIES LABELS ${label} TIMEOUT 600
      ENVIRONMENT "QT_QPA_PLATFORM=offscreen;GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()
