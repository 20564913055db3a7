// quell: IDispatch of an object that has one method without arguments.
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Source: the reference pages of IDispatch and of its methods. There is no type
// library: names and identifiers are resolved here.
#ifndef QUELL_COM_DISPATCH_HPP
#define QUELL_COM_DISPATCH_HPP

#include "object.hpp"

namespace quell::com {

/// Implements IDispatch for `Interface`, whose one method is called `Self::method_name`,
/// has the identifier `Self::method_id`, and is run by `HRESULT Self::run_method()`.
template <class Self, class Interface> class one_method_dispatch
    : public object<Self, Interface, IDispatch> {
  public:
    /// `S_OK`, and none; `E_INVALIDARG` where the pointer is null.
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT *count) noexcept override {
        if (count == nullptr)
            return E_INVALIDARG;
        *count = 0;
        return S_OK;
    }
    /// `E_NOTIMPL`; `DISP_E_BADINDEX` where `index` is not 0; `E_INVALIDARG` where the
    /// pointer is null; null at the pointer.
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT index, LCID,
                                          ITypeInfo **into) noexcept override {
        if (into == nullptr)
            return E_INVALIDARG;
        *into = nullptr;
        return index == 0 ? E_NOTIMPL : DISP_E_BADINDEX;
    }
    /// `S_OK`, and the identifier: upper and lower case are the same.
    /// `DISP_E_UNKNOWNNAME`, and DISPID_UNKNOWN for each name that there is not (the
    /// method has no arguments to name); `DISP_E_UNKNOWNINTERFACE` where `reserved` is not
    /// IID_NULL; `E_INVALIDARG` where a pointer is null, or there are no names.
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID reserved, LPOLESTR *names, UINT count, LCID,
                                            DISPID *ids) noexcept override {
        if (IsEqualGUID(reserved, GUID_NULL) == FALSE)
            return DISP_E_UNKNOWNINTERFACE;
        if (names == nullptr || ids == nullptr || count == 0)
            return E_INVALIDARG;
        for (UINT i = 0; i < count; ++i)
            ids[i] = DISPID_UNKNOWN;
        if (is_method(names[0]))
            ids[0] = Self::method_id;
        return ids[count - 1] == DISPID_UNKNOWN ? DISP_E_UNKNOWNNAME : S_OK;
    }
    /// Runs the method: its own code if that is a success. If it is a failure,
    /// `DISP_E_EXCEPTION`, and the code at `exception`; without that pointer the code
    /// itself (choice), for it would be lost. VT_EMPTY at `result`.
    ///
    /// `DISP_E_UNKNOWNINTERFACE` where `reserved` is not IID_NULL; `DISP_E_MEMBERNOTFOUND`
    /// for another identifier, and where a property is meant; `E_INVALIDARG` where
    /// `arguments` is null; `DISP_E_NONAMEDARGS` and `DISP_E_BADPARAMCOUNT` where there
    /// are any: the method has not run then.
    HRESULT STDMETHODCALLTYPE Invoke(DISPID id, REFIID reserved, LCID, WORD flags,
                                     DISPPARAMS *arguments, VARIANT *result,
                                     EXCEPINFO *exception, UINT *) noexcept override {
        if (IsEqualGUID(reserved, GUID_NULL) == FALSE)
            return DISP_E_UNKNOWNINTERFACE;
        if (id != Self::method_id || (flags & DISPATCH_METHOD) == 0)
            return DISP_E_MEMBERNOTFOUND;
        if (arguments == nullptr)
            return E_INVALIDARG;
        if (arguments->cNamedArgs != 0)
            return DISP_E_NONAMEDARGS;
        if (arguments->cArgs != 0)
            return DISP_E_BADPARAMCOUNT;
        if (result != nullptr)
            result->vt = VT_EMPTY;
        const HRESULT told = static_cast<Self *>(this)->run_method();
        if (SUCCEEDED(told) || exception == nullptr)
            return told;
        *exception = {};
        exception->scode = told;
        return DISP_E_EXCEPTION;
    }

  private:
    static OLECHAR lower(OLECHAR c) noexcept {
        return c >= L'A' && c <= L'Z' ? static_cast<OLECHAR>(c - L'A' + L'a') : c;
    }
    static bool is_method(const OLECHAR *name) noexcept {
        if (name == nullptr)
            return false;
        const OLECHAR *wanted = Self::method_name;
        while (*wanted != 0 && lower(*name) == lower(*wanted)) {
            ++name;
            ++wanted;
        }
        return *wanted == 0 && *name == 0;
    }
};

} // namespace quell::com

#endif // QUELL_COM_DISPATCH_HPP
