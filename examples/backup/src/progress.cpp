#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include <barkeep/barkeep.h>

namespace qbackup {

namespace {

using clock = std::chrono::steady_clock;

double mebibytes(const shared_number &bytes) {
    return static_cast<double>(bytes.load(std::memory_order_relaxed)) / (1024.0 * 1024.0);
}

/// The part that barkeep has not: the time that is left at the mean rate so
/// far, which jumps less than the momentary one.
class time_left : public barkeep::BaseDisplay {
  public:
    explicit time_left(const counters &of) : of_(of), began_(clock::now()) {}

  protected:
    long render_(bool, const std::string &end) override {
        double done = mebibytes(of_.bytes_done);
        double total = mebibytes(of_.bytes_total);
        std::chrono::duration<double> spent = clock::now() - began_;
        std::array<char, 32> text{};
        if (done >= total || (done > 0 && spent.count() > 0.3)) {
            auto seconds = static_cast<long>(
                spent.count() * std::max(0.0, total - done) / std::max(done, 1e-9) + 0.5);
            std::snprintf(text.data(), text.size(), "%ld:%02ld left", seconds / 60,
                          seconds % 60);
        } else {
            std::snprintf(text.data(), text.size(), "-:-- left");
        }
        out() << text.data() << end;
        return 0;
    }

  private:
    const counters &of_;
    const clock::time_point began_;
};

} // namespace

struct progress::display {
    std::shared_ptr<barkeep::CompositeDisplay> shown;
};

progress::progress(const counters &of, bool quiet) {
    if (quiet)
        return;
    bool terminal = ::isatty(STDOUT_FILENO) == 1;
    barkeep::ProgressBarConfig<double> config;
    config.total = mebibytes(of.bytes_total);
    config.speed = 0.1;
    config.speed_unit = "MiB/s";
    config.style = terminal ? barkeep::Line : barkeep::Bars;
    config.interval = terminal ? 0.1 : 0.5;
    config.no_tty = !terminal;
    config.show = false;
    display_ = std::make_unique<display>();
    display_->shown = barkeep::Composite(
        {barkeep::ProgressBar([&of] { return mebibytes(of.bytes_done); }, config),
         std::make_shared<time_left>(of)});
    display_->shown->show();
}

progress::~progress() {
    if (display_)
        display_->shown->done();
}

} // namespace qbackup
