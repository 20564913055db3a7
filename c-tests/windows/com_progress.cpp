/*
 * What GPM's client is told, by whatever way the worker goes: progress that never goes
 * back, one last call and none after it, and its reference held exactly as long.
 */
#include <vector>

#include "check.h"
#include "quell_com.hpp"

using namespace quell::com;
using quell::verdict;

namespace {

constexpr HRESULT CANCELLED = static_cast<HRESULT>(0x800704C7);
constexpr HRESULT INVALID_STATE = static_cast<HRESULT>(0x8007139F);

struct said_t {
    LONG done, total;
    HRESULT status;
    VARTYPE result;
    IGPMStatusMsgCollection *messages;
};

class client_t final : public IGPMAsyncProgress {
  public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **into) override {
        *into = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references; }
    ULONG STDMETHODCALLTYPE Release() override { return --references; }
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT *) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT, LCID, ITypeInfo **) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, LPOLESTR *, UINT, LCID, DISPID *) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE Invoke(DISPID, REFIID, LCID, WORD, DISPPARAMS *, VARIANT *,
                                     EXCEPINFO *, UINT *) override {
        return E_NOTIMPL;
    }
    HRESULT STDMETHODCALLTYPE Status(LONG done, LONG total, HRESULT status, VARIANT *result,
                                     IGPMStatusMsgCollection *messages) override {
        // Held until the last call has returned.
        CHECK_EQ(references, 2);
        said.push_back({done, total, status, result->vt, messages});
        if (lets_go_of != nullptr) {
            told = lets_go_of->Cancel();
            lets_go_of->Release();
            lets_go_of = nullptr;
        }
        return E_FAIL;
    }

    ULONG references = 1;
    std::vector<said_t> said;
    /* Cancelled and released from inside Status. */
    IGPMAsyncCancel *lets_go_of = nullptr;
    HRESULT told = S_FALSE;
};

/* So many calls so far; this is the last, and there is one reference or two. */
void heard(const client_t &client, std::size_t calls, LONG done, LONG total, HRESULT status,
           ULONG references) {
    CHECK_EQ(client.said.size(), calls);
    CHECK_EQ(client.said.back().done, done);
    CHECK_EQ(client.said.back().total, total);
    CHECK_EQ(client.said.back().status, status);
    CHECK_EQ(client.references, references);
}

struct parties_t {
    explicit parties_t(client_t &client) {
        CHECK_EQ(gpm_async_cancel::begin({}, &client, &cancel, worker), S_OK);
        CHECK(static_cast<bool>(worker));
        CHECK_EQ(client.references, 2);
    }
    ~parties_t() {
        worker = {};
        if (cancel != nullptr)
            cancel->Release();
    }
    parties_t(const parties_t &) = delete;
    parties_t &operator=(const parties_t &) = delete;

    IGPMAsyncCancel *cancel = nullptr;
    gpm_worker worker;
};

void finished() {
    client_t client;
    auto *const messages = reinterpret_cast<IGPMStatusMsgCollection *>(&client);
    {
        parties_t of(client);
        CHECK(of.worker.report(0) == verdict::ok);
        heard(client, 1, 0, 1, S_OK, 2);
        CHECK(of.worker.total(3) == verdict::ok);
        CHECK(of.worker.report(2, messages) == verdict::ok);
        heard(client, 2, 2, 3, S_OK, 2);
        CHECK(client.said.back().messages == messages);
        // All is done, but not finished.
        CHECK(of.worker.report(3) == verdict::ok);
        heard(client, 3, 2, 3, S_OK, 2);
        CHECK_EQ(client.said.back().result, VT_EMPTY);
        CHECK(client.said.back().messages == nullptr);
        // What is refused is not said.
        CHECK(of.worker.report(1) == verdict::invalid);
        CHECK_EQ(client.said.size(), 3);
        VARIANT result = {};
        result.vt = VT_I4;
        CHECK(of.worker.finish(&result, messages) == verdict::ok);
        heard(client, 4, 3, 3, S_OK, 1);
        CHECK_EQ(client.said.back().result, VT_I4);
        CHECK(client.said.back().messages == messages);
        // Nothing after that.
        CHECK(of.worker.finish(&result) == verdict::bad_state);
        CHECK(of.worker.fail(E_FAIL) == verdict::bad_state);
        CHECK(of.worker.acknowledge(quell::effects::none) == verdict::bad_state);
        CHECK(of.worker.report(3) == verdict::ok);
        CHECK_EQ(of.cancel->Cancel(), INVALID_STATE);
    }
    heard(client, 4, 3, 3, S_OK, 1);
    CHECK_EQ(live_objects(), 0);
}

/* Finished, and nothing was ever reported; the client cancels in the last call. */
void cancelled_in_the_last_call() {
    client_t client;
    parties_t of(client);
    client.lets_go_of = std::exchange(of.cancel, nullptr);
    CHECK(of.worker.finish() == verdict::ok);
    heard(client, 1, 1, 1, S_OK, 1);
    CHECK_EQ(client.told, INVALID_STATE);
    CHECK_EQ(client.said.back().result, VT_EMPTY);
}

/* The client cancels and releases its pointer from inside Status. */
void cancelled_inside() {
    client_t client;
    parties_t of(client);
    client.lets_go_of = std::exchange(of.cancel, nullptr);
    CHECK(of.worker.total(10) == verdict::ok);
    CHECK(of.worker.report(4) == verdict::ok);
    heard(client, 1, 4, 10, S_OK, 2);
    CHECK_EQ(client.told, S_OK);
    CHECK(of.worker.poll() == quell::level::immediate);
    CHECK(of.worker.finish() == verdict::cancelling);
    CHECK_EQ(client.said.size(), 1);
    CHECK(of.worker.acknowledge(quell::effects::partial) == verdict::ok);
    heard(client, 2, 4, 10, CANCELLED, 1);
}

void failed() {
    client_t client;
    parties_t of(client);
    CHECK(of.worker.fail(S_OK) == verdict::invalid);
    CHECK_EQ(client.said.size(), 0);
    CHECK(of.worker.fail(E_ACCESSDENIED) == verdict::ok);
    heard(client, 1, 0, 1, E_ACCESSDENIED, 1);
}

/* It fails while it undoes: it is cancelled, and the client is told so. */
void failed_when_cancelled() {
    client_t client;
    parties_t of(client);
    CHECK_EQ(of.cancel->Cancel(), S_OK);
    CHECK(of.worker.fail(E_ACCESSDENIED) == verdict::cancelled);
    heard(client, 1, 0, 1, CANCELLED, 1);
}

void abandoned() {
    client_t client;
    {
        parties_t of(client);
        CHECK(of.worker.commit() == verdict::ok);
        CHECK_EQ(of.cancel->Cancel(), INVALID_STATE);
    }
    heard(client, 1, 0, 1, E_UNEXPECTED, 1);
    {
        parties_t of(client);
        of.worker = {};
        heard(client, 2, 0, 1, E_UNEXPECTED, 1);
    }
    heard(client, 2, 0, 1, E_UNEXPECTED, 1);
}

void cancelled_before_the_start() {
    client_t client;
    com_ptr<gpm_async_cancel> cancel;
    CHECK_EQ(gpm_async_cancel::make({}, cancel), S_OK);
    CHECK_EQ(cancel->Cancel(), S_OK);
    CHECK_EQ(cancel->Cancel(), S_OK);
    {
        gpm_worker worker = cancel->start(&client);
        CHECK(!worker && worker.refusal() == verdict::cancelled);
        heard(client, 1, 0, 1, CANCELLED, 1);
        CHECK(worker.finish() == verdict::invalid);
    }
    heard(client, 1, 0, 1, CANCELLED, 1);
}

/* Who starts it as a second worker says nothing, and holds nothing. */
void started_twice() {
    client_t client;
    com_ptr<gpm_async_cancel> cancel;
    CHECK_EQ(gpm_async_cancel::make({}, cancel), S_OK);
    gpm_worker first = cancel->start(nullptr);
    gpm_worker second = cancel->start(&client);
    CHECK(second.refusal() == verdict::bad_state);
    CHECK_EQ(client.references, 1);
    second = {};
    CHECK(first.poll() == quell::level::none);
    CHECK(first.finish() == verdict::ok);
    CHECK_EQ(client.said.size(), 0);
}

/* The pointer to cancel by is not wanted: the progress is told all the same. */
void without_cancel() {
    client_t client;
    gpm_worker worker;
    CHECK_EQ(gpm_async_cancel::begin({}, &client, nullptr, worker), S_OK);
    gpm_worker moved = std::move(worker);
    CHECK_EQ(client.references, 2);
    CHECK(moved.finish() == verdict::ok);
    heard(client, 1, 1, 1, S_OK, 1);
}

} // namespace

int main() {
    finished();
    cancelled_in_the_last_call();
    cancelled_inside();
    failed();
    failed_when_cancelled();
    abandoned();
    cancelled_before_the_start();
    started_twice();
    without_cancel();
    CHECK_EQ(live_objects(), 0);
    return check_report("com_progress");
}
