// UTF-8, as files have it, and UTF-16, as Windows has it.
#ifndef VSS_SIMULATOR_TEXT_HPP
#define VSS_SIMULATOR_TEXT_HPP

#include <windows.h>

#include <string>

namespace vss_simulator {

std::wstring wide(const std::string &narrow);
std::string narrow(const wchar_t *wide);

/// `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}`.
std::string text_of(const GUID &identifier);

/// An environment variable; empty where it is not set.
std::wstring environment(const wchar_t *name);

/// A path as this process can open it: under Wine a Unix path is one of drive Z:.
std::wstring openable(const std::wstring &path);

} // namespace vss_simulator

#endif
