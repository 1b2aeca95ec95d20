"""The 3D pipeline: a CAD file in, a report, pictures and a light model out; no web, no database.

Two halves. The light half is the standard library only and is all the application imports:
`errors`, `formats` (recognise a file by its first bytes), `report` (the report and its JSON), `sandbox` (run
a limited child) and `examination` (read a file through that child). The heavy half (numpy, trimesh, VTK) runs
in a child alone.

`python -m renders COMMAND` loads only the module of the command that is asked for, so that reading a client's
file never loads VTK. A command is a module of `renders.commands` with two functions:

    def add_arguments(parser: argparse.ArgumentParser) -> None
    def run(arguments: argparse.Namespace) -> int          # the exit code; a RenderError becomes a refusal

`renders.__main__.COMMANDS` lists them with one line of help each: `read` (child: SOURCE → report.json and
design.npz), `picture` (child: the folder `read` filled → pictures and model), `report`, `stills`, `turntable`
and `web` (for a person: each starts the limited children). A refusal leaves `refusal.json` in the child's
folder and ends it with exit code 3; `sandbox.run` raises it again in the parent as the same class.
"""
