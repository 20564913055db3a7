#include "subject.h"

#include "check.h"
#include "quell_com.hpp"

using namespace quell::com;

namespace {

std::uint32_t answer_of_gate(void *row, quell_level_t, quell_cause_t) {
    return static_cast<const conformance_dialect_row *>(row)->gate;
}

/* What an operation of VDS makes. */
class volume final : public object<volume, IUnknown> {};

template <class Object> struct worker_for;
template <> struct worker_for<vss_async> { using type = vss_worker; };
template <> struct worker_for<vds_async> { using type = vds_worker; };
template <> struct worker_for<wsb_async> { using type = wsb_worker; };
template <> struct worker_for<gpm_async_cancel> { using type = gpm_worker; };

REFIID interface_of(std::uint8_t dialect) {
    switch (dialect) {
    case CONFORMANCE_VSS:
        return QUELL_IID_IVssAsync;
    case CONFORMANCE_VDS:
        return QUELL_IID_IVdsAsync;
    case CONFORMANCE_WSB:
        return QUELL_IID_IWsbApplicationAsync;
    default:
        return QUELL_IID_IGPMAsyncCancel;
    }
}

} // namespace

struct subject {
    explicit subject(const conformance_dialect_row &of) : row(of) {}
    subject(const subject &) = delete;
    subject &operator=(const subject &) = delete;
    virtual ~subject() = default;

    virtual void *pointer() = 0;
    virtual bool has_worker() const = 0;
    virtual void report() = 0;
    virtual quell_gpm_report_t stand() const = 0;
    virtual quell_status_t look() const = 0;
    virtual void let_happen() = 0;
    virtual void clean() = 0;

    const conformance_dialect_row &row;
};

namespace {

template <class Object> class subject_of final : public subject {
  public:
    subject_of(const conformance_dialect_row &of, IGPMAsyncProgress *progress)
        : subject(of), progress_(progress) {
        vds_options options;
        options.mode = static_cast<quell::mode>(row.mode);
        if (row.gated != 0)
            options.gate = {&answer_of_gate, const_cast<conformance_dialect_row *>(&row)};
        options.may_cancel = row.rights == QUELL_RIGHT_CANCEL;
        options.profile = row.profile;
        options.wait_limit = row.call == CONFORMANCE_ASK_WAIT ? row.limit : INFINITE;
        CHECK_EQ(Object::make(options, object_), S_OK);
        come();
        build();
        stands_as_the_row_says();
    }

    void *pointer() override {
        void *into = nullptr;
        CHECK_EQ(object_.copy_to(interface_of(row.dialect), &into), S_OK);
        return into;
    }

    bool has_worker() const override { return worker_.of() != nullptr; }
    void report() override {
        if constexpr (std::is_same_v<Object, gpm_async_cancel>) {
            if (row.phase == QUELL_PHASE_RUNNING || row.phase == QUELL_PHASE_COMMITTED ||
                row.by == CONFORMANCE_BY_FORCE)
                CHECK(worker_.report(row.done) == quell::verdict::ok);
        }
    }
    quell_gpm_report_t stand() const override {
        if constexpr (std::is_same_v<Object, gpm_async_cancel>)
            return object_->report();
        return {};
    }
    quell_status_t look() const override {
        quell_status_t seen;
        const quell_handle_t raw = object_->observer().raw();
        CHECK_EQ(quell_op_status(&raw, &seen), QUELL_OK);
        return seen;
    }

    void let_happen() override {
        thread_ = CreateThread(nullptr, 0, &subject_of::run, this, 0, nullptr);
        CHECK(thread_ != nullptr);
    }
    void clean() override {
        if (thread_ != nullptr) {
            CHECK_EQ(WaitForSingleObject(thread_, INFINITE), WAIT_OBJECT_0);
            CloseHandle(thread_);
        }
        object_.reset();
        worker_ = worker();
    }

  private:
    using worker = typename worker_for<Object>::type;

    quell_source_t *source() const {
        return reinterpret_cast<quell_source_t *>(object_->observer().raw().op);
    }

    // --- as far as the row says
    void come() {
        if constexpr (std::is_same_v<Object, vds_async> ||
                      std::is_same_v<Object, gpm_async_cancel>) {
            if (row.total != 0)
                CHECK(object_->progress().total(row.total) == quell::verdict::ok);
            CHECK(object_->progress().report(row.done) == quell::verdict::ok);
        }
    }
    void build() {
        // An object always has an operation. Where the row has none, it is taken away.
        if (row.phase == QUELL_PHASE_VACANT) {
            source()->op = QUELL_OP_INIT;
            return;
        }
        if (row.by == CONFORMANCE_BY_REQUEST) {
            request();
            start();
            return;
        }
        if (row.phase == QUELL_PHASE_PENDING)
            return;
        if (row.by == CONFORMANCE_BY_FORCE && row.effects != QUELL_EFFECTS_UNKNOWN) {
            force(row.code);
            return;
        }
        start();
        if (row.level != QUELL_LEVEL_NONE && row.cause != QUELL_CAUSE_SELF)
            request();
        for (unsigned i = 0; i < row.shields; ++i)
            CHECK_EQ(quell_op_shield(&worker_.raw().raw()), QUELL_OK);
        if (row.phase == QUELL_PHASE_COMMITTED)
            CHECK(worker_.commit() == quell::verdict::ok);
        if (row.by == CONFORMANCE_BY_FINISH)
            finish();
        if (row.by == CONFORMANCE_BY_FAIL)
            fail(row.code);
        if (row.by == CONFORMANCE_BY_ACKNOWLEDGE)
            acknowledge(static_cast<quell::effects>(row.effects));
        if (row.by == CONFORMANCE_BY_FORCE)
            force(row.code);
    }
    void stands_as_the_row_says() const {
        const quell_status_t seen = look();
        CHECK_EQ(seen.phase, row.phase);
        CHECK_EQ(seen.level, row.level);
        CHECK_EQ(seen.cause, row.cause);
        CHECK_EQ(seen.effects, row.effects);
        CHECK_EQ(seen.code, row.code);
        CHECK_EQ(seen.shields, row.shields);
        if (row.phase != QUELL_PHASE_VACANT)
            CHECK_EQ(seen.mode, row.mode);
    }

    // --- what the parties do
    void request() {
        const quell::verdict told = object_->canceller()
                                        .cancel(static_cast<quell::level>(row.level),
                                                static_cast<quell::cause>(row.cause))
                                        .verdict;
        CHECK(told == quell::verdict::cancelled || told == quell::verdict::cancelling ||
              told == quell::verdict::requested);
    }
    void start() {
        if constexpr (std::is_same_v<Object, gpm_async_cancel>)
            worker_ = object_->start(progress_);
        else
            worker_ = object_->start();
        CHECK(worker_.refusal() == (row.by == CONFORMANCE_BY_REQUEST ? quell::verdict::cancelled
                                                                     : quell::verdict::ok));
    }
    void finish() {
        if constexpr (std::is_same_v<Object, vds_async>) {
            com_ptr<volume> made;
            CHECK_EQ(allocate(made), S_OK);
            VDS_ASYNC_OUTPUT output = {};
            output.type = VDS_ASYNCOUT_CREATEVOLUME;
            output.cv.pVolumeUnk = made.get();
            CHECK(worker_.finish(static_cast<HRESULT>(row.success), &output) ==
                  quell::verdict::ok);
        } else if constexpr (std::is_same_v<Object, gpm_async_cancel>) {
            VARIANT result = {};
            result.vt = VT_I4;
            result.lVal = 42;
            CHECK(worker_.finish(&result) == quell::verdict::ok);
        } else {
            CHECK(worker_.finish() == quell::verdict::ok);
        }
    }
    void fail(std::uint32_t code) {
        const quell::verdict told = worker_.fail(static_cast<HRESULT>(code));
        CHECK(told == quell::verdict::ok || told == quell::verdict::cancelled);
    }
    void acknowledge(quell::effects left) {
        CHECK(worker_.acknowledge(left) == quell::verdict::ok);
    }
    void force(std::uint32_t code) {
        quell_handle_t owner;
        CHECK_EQ(quell_source_open(source(), QUELL_RIGHT_ALL, &owner), QUELL_OK);
        CHECK_EQ(quell_op_force(&owner, code), QUELL_OK);
    }

    // --- meanwhile
    static DWORD WINAPI run(void *self) {
        static_cast<subject_of *>(self)->meanwhile();
        return 0;
    }
    void meanwhile() {
        // Whoever waits is on the source's list.
        void *const volatile *const list = source()->reserved;
        while (list[0] == nullptr && list[1] == nullptr)
            Sleep(0);
        if (row.phase == QUELL_PHASE_PENDING && row.meanwhile != CONFORMANCE_MEANWHILE_FORCE)
            start();
        quell_level_t visible;
        for (unsigned i = 0; i < row.shields; ++i)
            CHECK_EQ(quell_op_unshield(&worker_.raw().raw(), &visible), QUELL_OK);
        switch (row.meanwhile) {
        case CONFORMANCE_MEANWHILE_FINISH:
            finish();
            break;
        case CONFORMANCE_MEANWHILE_COMMIT:
            CHECK(worker_.commit() == quell::verdict::ok);
            finish();
            break;
        case CONFORMANCE_MEANWHILE_FAIL:
            fail(row.meanwhile_argument);
            break;
        case CONFORMANCE_MEANWHILE_ACKNOWLEDGE:
            acknowledge(static_cast<quell::effects>(row.meanwhile_argument));
            break;
        case CONFORMANCE_MEANWHILE_FORCE:
            force(row.meanwhile_argument);
            break;
        default:
            CHECK_EQ(row.meanwhile, CONFORMANCE_MEANWHILE_CANCEL);
            (void)object_->canceller().cancel();
            acknowledge(quell::effects::none);
        }
    }

    IGPMAsyncProgress *progress_;
    com_ptr<Object> object_;
    worker worker_;
    HANDLE thread_ = nullptr;
};

} // namespace

extern "C" {

subject_t *subject_make(const conformance_dialect_row *row, IGPMAsyncProgress *progress) {
    switch (row->dialect) {
    case CONFORMANCE_VSS:
        return new subject_of<vss_async>(*row, progress);
    case CONFORMANCE_VDS:
        return new subject_of<vds_async>(*row, progress);
    case CONFORMANCE_WSB:
        return new subject_of<wsb_async>(*row, progress);
    default:
        return new subject_of<gpm_async_cancel>(*row, progress);
    }
}
void *subject_pointer(subject_t *subject) { return subject->pointer(); }
void subject_let_happen(subject_t *subject) { subject->let_happen(); }
int subject_has_worker(const subject_t *subject) { return subject->has_worker() ? 1 : 0; }
void subject_report(subject_t *subject) { subject->report(); }
quell_gpm_report_t subject_stand(const subject_t *subject) { return subject->stand(); }
quell_phase_t subject_phase(const subject_t *subject) {
    return static_cast<quell_phase_t>(subject->look().phase);
}
void subject_free(subject_t *subject) {
    subject->clean();
    delete subject;
}
unsigned long subject_objects(void) { return live_objects(); }
}
