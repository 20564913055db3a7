#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <quell.hpp>

#include "commands.hpp"
#include "exit_code.hpp"
#include "failure.hpp"

namespace {

using namespace qbackup;

constexpr const char *footer =
    "Exit codes: 0 done; 1 error; 2 usage; 3 cannot be done now (another create runs, or "
    "nothing "
    "to\n"
    "cancel); 4 too late to cancel; 5 done, but some files could not be read; 124 cancelled "
    "by\n"
    "the deadline; 130 cancelled by the user; 143 cancelled by SIGTERM.\n"
    "Not kept: extended attributes, access control lists, holes in files; sockets, FIFOs and\n"
    "devices are left out with a note.";

/// What is wrong with a number of seconds; empty for a good one.
std::string is_time(const std::string &text) {
    double seconds = -1;
    bool good = CLI::detail::lexical_cast(text, seconds) && seconds >= 0 && seconds <= 1e9;
    return good ? "" : text + " is no number of seconds";
}

/// Options bound to what they fill in, and the command that was chosen.
class command_line {
  public:
    command_line() {
        app_.require_subcommand(1);
        app_.footer(footer);
        add_create();
        add_list();
        add_verify();
        add_restore();
        add_cancel();
    }

    int run(int count, char **words) {
        try {
            app_.parse(count, words);
        } catch (const CLI::ParseError &wrong) {
            return app_.exit(wrong) == 0 ? exit_code::done : exit_code::usage;
        }
        return chosen_();
    }

  private:
    CLI::App *add(const char *name, const char *what, std::string &path) {
        CLI::App *command = app_.add_subcommand(name, what);
        command->add_option("--repo", path, "The repository's directory")->required();
        return command;
    }

    void add_create() {
        CLI::App *command =
            add("create",
                "Back up; makes the repository on first use. Ctrl-C stops gracefully, "
                "twice at once",
                create_.repository);
        command->add_option("sources", create_.sources, "What to back up")->required();
        command
            ->add_option("--deadline", create_.deadline,
                         "Stop gracefully after so many seconds")
            ->check(is_time);
        command
            ->add_option("--threads", create_.threads, "Worker threads (default: one per core)")
            ->check(CLI::Range(1, 256));
        command->add_option("--limit-rate", create_.limit_rate, "Bytes to read per second")
            ->check(CLI::Range(1.0, 1e15));
        command->add_option("--name", create_.name, "A label for `list`");
        command->add_flag("--quiet", create_.quiet, "No progress");
        command->callback([this] { chosen_ = [this] { return create(create_); }; });
    }
    void add_list() {
        CLI::App *command =
            add("list", "Show the snapshots, and the jobs that run", create_.repository);
        command->add_flag("--running", only_running_, "Only the jobs");
        command->callback(
            [this] { chosen_ = [this] { return list(create_.repository, only_running_); }; });
    }
    void add_verify() {
        CLI::App *command =
            add("verify", "Read everything and compare it with its hashes", create_.repository);
        command->add_option("snapshot", snapshot_,
                            "An id or `latest`; all of them if not given");
        command->callback(
            [this] { chosen_ = [this] { return verify(create_.repository, snapshot_); }; });
    }
    void add_restore() {
        CLI::App *command = add("restore", "Put a snapshot's files below an empty directory",
                                create_.repository);
        command->add_option("snapshot", snapshot_, "An id or `latest`")->required();
        command->add_option("target", target_, "An empty or missing directory")->required();
        command->callback([this] {
            chosen_ = [this] { return restore(create_.repository, snapshot_, target_); };
        });
    }
    void add_cancel() {
        CLI::App *command = add("cancel", "Ask the create that runs, or another job, to stop",
                                cancel_.repository);
        command->add_option("--job", cancel_.job, "A job's number, from `list --running`");
        command->add_flag("--immediate", cancel_.immediate,
                          "Not even finish the chunk in hand");
        command->add_flag("--wait", cancel_.wait, "Wait for the end and say how it was");
        command->callback([this] { chosen_ = [this] { return cancel(cancel_); }; });
    }

    CLI::App app_{
        "Backs up files; every create is an operation that can be cancelled, and says "
        "what became of it.",
        "qbackup"};
    create_options create_;
    cancel_options cancel_;
    std::string snapshot_, target_;
    bool only_running_ = false;
    std::function<int()> chosen_;
};

} // namespace

int main(int count, char **words) {
    try {
        if (quell_abi_version() != QUELL_ABI_VERSION)
            throw failure(EPROTO, "the quell library and its header are of different versions");
        return command_line().run(count, words);
    } catch (const not_now &busy) {
        std::cerr << "qbackup: " << busy.what() << std::endl;
        return exit_code::not_now;
    } catch (const std::exception &trouble) {
        std::cerr << "qbackup: " << trouble.what() << std::endl;
        return exit_code::error;
    }
}
