# `cmake --install`: the program, and the kernel as a CMake package for models of one's own
# (tests/install/ is one). XXH3 is compiled into the library; users need no xxhash.
include(CMakePackageConfigHelpers)

if(TARGET eosim)
  install(TARGETS eosim COMPONENT eosim)
endif()

target_compile_features(eosim_sim PUBLIC cxx_std_20)
target_include_directories(
  eosim_sim INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/eosim>)
set_target_properties(eosim_sim PROPERTIES EXPORT_NAME sim)
add_library(eosim::sim ALIAS eosim_sim)
set(EOSIM_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/eosim)
install(TARGETS eosim_sim EXPORT eosimTargets COMPONENT sim)
install(DIRECTORY sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eosim COMPONENT sim
        FILES_MATCHING PATTERN "*.h")
install(EXPORT eosimTargets NAMESPACE eosim:: DESTINATION ${EOSIM_PACKAGE_DIR} COMPONENT sim)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/eosimConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES cmake/eosimConfig.cmake ${CMAKE_BINARY_DIR}/eosimConfigVersion.cmake
        DESTINATION ${EOSIM_PACKAGE_DIR} COMPONENT sim)
