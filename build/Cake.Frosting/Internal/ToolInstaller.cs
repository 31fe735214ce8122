using Cake.Core.Packaging;

namespace Cake.Frosting.Internal;

internal sealed class ToolInstaller(Core.Tooling.IToolInstaller installer) : IToolInstaller
{
    public void Install(PackageReference tool) => installer.Install(tool);
}
