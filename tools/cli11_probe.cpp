// CLI11's own reading of command lines, for tools/mamba_table.py.
//
//   g++ -std=c++17 -I CLI11/include tools/cli11_probe.cpp -o probe
//   probe TABLE < LINES
//
// TABLE holds the rows of safeinstall.argv.mamba_options, each parser's after a line "@ path".
// A line of LINES is words joined by \x1f; the answer is fields joined by \x1f, lists by \x1e.

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using Words = std::vector<std::string>;
using Table = std::vector<std::pair<std::string, Words>>;

Words split(const std::string& line, char separator) {
    Words words;
    std::stringstream stream(line);
    for (std::string word; std::getline(stream, word, separator);) {
        words.push_back(word);
    }
    return words;
}

Table load(const char* path) {
    Table table;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line[0] == '@') {
            table.emplace_back(line.substr(2), Words{});
        } else {
            table.back().second.push_back(line);
        }
    }
    return table;
}

// One line's parser with the places where its values go.
class Reader {
  public:
    explicit Reader(const Table& table) {
        for (const auto& [path, rows] : table) {
            if (rows.empty() || rows[0][0] != '=') {
                add(path, rows);
            } else {
                apps_[rows[0].substr(1)]->alias(path);
            }
        }
        app_.require_subcommand(0, 1);  // last, as micromamba does it: the others do not inherit it
    }

    std::string read(Words words) {
        std::string end = "read";
        try {
            app_.parse(Words(words.rbegin(), words.rend()));
        } catch (const CLI::Error& error) {
            end = error.get_name() == "CallForHelp" ? "explained" : "refused";
        }
        for (const auto& [path, app] : apps_) {
            if (!path.empty() && app->parsed() > 0) {
                end += "\x1fpath=" + path;
            }
        }
        for (const auto& [dest, option, values] : lists_) {
            end += option->count() > 0 ? field(dest, *values) : "";
        }
        for (const auto& [dest, option, value] : singles_) {
            end += option->count() > 0 ? "\x1f" + dest + "=" + *value : "";
        }
        for (const auto& [dest, option, value] : flags_) {
            end += option->count() > 0 ? "\x1f" + dest + (*value ? "=1" : "=0") : "";
        }
        auto run = apps_.find("run");
        return run->second->parsed() > 0 ? end + field("remaining", run->second->remaining()) : end;
    }

  private:
    static std::string field(const std::string& dest, const Words& values) {
        std::string text = "\x1f" + dest + "=";
        for (const auto& value : values) {
            text += value + "\x1e";
        }
        return text;
    }

    void add(const std::string& path, const Words& rows) {
        auto space = path.rfind(' ');
        auto parent = space == std::string::npos ? "" : path.substr(0, space);
        auto name = space == std::string::npos ? path : path.substr(space + 1);
        auto* app = path.empty() ? &app_ : apps_.at(parent)->add_subcommand(name);
        apps_[path] = app;
        for (const auto& row : rows) {
            option(app, split(row, ' '));
        }
    }

    void option(CLI::App* app, const Words& row) {
        if (row[0] == "prefix_command") {
            app->prefix_command();
        } else if (row[0] == "specs") {
            auto& values = values_.emplace_back();
            lists_.emplace_back("specs", app->add_option("specs", values), &values);
        } else if (row[1] == "help") {
            return;  // CLI11 gives every parser its own
        } else if (row[2] == "0") {
            switches_.push_back(false);
            auto* added = app->add_flag(row[0], switches_.back());
            flags_.emplace_back(row[1], added, &switches_.back());
        } else if (row[2] == "1") {
            auto& value = texts_.emplace_back();
            singles_.emplace_back(row[1], app->add_option(row[0], value), &value);
        } else {
            auto& values = values_.emplace_back();
            auto* added = app->add_option(row[0], values);
            if (row[2] == "m") {
                added->type_size(1)->allow_extra_args(false);
            }
            lists_.emplace_back(row[1], added, &values);
        }
    }

    CLI::App app_;
    std::map<std::string, CLI::App*> apps_;
    std::list<Words> values_;
    std::list<std::string> texts_;
    std::list<bool> switches_;
    std::vector<std::tuple<std::string, CLI::Option*, Words*>> lists_;
    std::vector<std::tuple<std::string, CLI::Option*, std::string*>> singles_;
    std::vector<std::tuple<std::string, CLI::Option*, bool*>> flags_;
};

int main(int argc, char** argv) {
    if (argc != 2) {
        return 64;
    }
    const Table table = load(argv[1]);
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << Reader(table).read(split(line, '\x1f')) << std::endl;
    }
}
