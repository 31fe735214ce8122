using Cake.Core.Packaging;

namespace Cake.Frosting;

/// <summary>Installs tools from packages.</summary>
public interface IToolInstaller
{
    void Install(PackageReference tool);
}
